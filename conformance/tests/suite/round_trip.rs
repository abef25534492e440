//! Frames and scripts survive their byte and text forms, and every byte string decodes to a script.

use bytes::Bytes;
use conformance::{
    generators::scripts,
    http2::{Frame, FrameType, StreamId, View, flags, hpack::BlockReader, wire},
    scenarios,
    script::{Request, Script, Step},
};
use proptest::prelude::*;

fn any_frame() -> impl Strategy<Value = Frame> {
    let length = prop_oneof![3 => Just(None), 1 => (0..0x0100_0000u32).prop_map(Some)];
    let payload = prop::collection::vec(any::<u8>(), 0..40);
    (any::<u8>(), any::<u8>(), any::<bool>(), any::<u32>(), payload, length).prop_map(
        |(kind, flags, reserved, stream, payload, length)| Frame {
            kind: FrameType(kind),
            flags,
            reserved,
            stream: StreamId::from_word(stream),
            length: length.filter(|length| *length as usize != payload.len()),
            payload: payload.into(),
        },
    )
}

/// A Huffman-coded string as long as its length fits into one octet: any octets, or whole symbols with valid padding.
fn huffman_string() -> impl Strategy<Value = Vec<u8>> {
    let any_octets = prop::collection::vec(any::<u8>(), 0..24);
    let symbols = prop::collection::vec(0..10u32, 0..24).prop_map(|digits| {
        // The codes of "0", "1" and "2" have five bits, those of the other digits six (RFC 7541, appendix B).
        let bits = digits.into_iter().flat_map(|digit| {
            let (code, length) = if digit < 3 { (digit, 5) } else { (0x16 + digit, 6) };
            (0..length).rev().map(move |bit| code >> bit & 1)
        });
        let mut bits: Vec<u32> = bits.collect();
        bits.resize(bits.len().next_multiple_of(8), 1);
        bits.chunks(8).map(|octet| octet.iter().fold(0, |all, bit| all << 1 | *bit as u8)).collect()
    });
    prop_oneof![any_octets, symbols].prop_map(|octets| [&[0x80 | octets.len() as u8], &octets[..]].concat())
}

fn from_toml(toml: &str) -> Script {
    let scenario = format!("[[scenario]]\nname = \"one\"\n{toml}");
    scenarios::parse("test", &scenario).unwrap_or_else(|error| panic!("{error}\n{toml}")).remove(0).script
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn a_truthful_frame_survives_the_wire(frame in any_frame()) {
        let frame = Frame { length: None, ..frame };
        let mut bytes = Vec::new();
        wire::encode(&frame, &mut bytes);
        let mut bytes = Bytes::from(bytes);
        prop_assert_eq!(wire::decode(&mut bytes), Some(frame));
        prop_assert!(bytes.is_empty());
    }

    #[test]
    fn a_script_of_any_frames_survives_both_forms(frames in prop::collection::vec(any_frame(), 0..6)) {
        let script = Script::new(frames.into_iter().map(Step::Send).collect());
        prop_assert_eq!(&Script::decode(script.encode()), &script);
        prop_assert_eq!(&from_toml(&script.to_toml()), &script);
    }

    #[test]
    fn a_generated_script_survives_both_forms(script in scripts()) {
        prop_assert_eq!(&Script::decode(script.encode()), &script);
        prop_assert_eq!(&from_toml(&script.to_toml()), &script);
    }

    #[test]
    fn huffman_coded_strings_read_as_the_decoder_reads_them(name in huffman_string(), value in huffman_string()) {
        // Added to the table, and read again from there.
        let block = [&[0x40][..], &name, &value, &[0xbe]].concat();
        let read = BlockReader::default().read_bytes(&block).ok();
        prop_assert_eq!(read, loona_hpack::Decoder::new().decode(&block).ok());
    }

    #[test]
    fn any_bytes_decode_to_a_script(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let script = Script::decode(bytes);
        let canonical = script.encode();
        prop_assert_eq!(&Script::decode(canonical.clone()), &script);
        prop_assert_eq!(script.encode(), canonical);
    }

    #[test]
    fn a_reframed_script_sends_the_same_bytes(script in scripts()) {
        let sent = |script: &Script| {
            let mut bytes = Vec::new();
            for step in script.steps() {
                match step {
                    Step::Send(frame) => wire::encode(frame, &mut bytes),
                    Step::SendRaw(raw) => bytes.extend_from_slice(raw),
                    _ => {}
                }
            }
            bytes
        };
        prop_assert_eq!(sent(&script.reframed()), sent(&script));
    }
}

#[test]
fn every_scenario_survives_both_forms() {
    for scenario in scenarios::built_in().expect("the suite's own scenarios are valid") {
        assert_eq!(Script::decode(scenario.script.encode()), scenario.script, "{}", scenario.name);
        assert_eq!(from_toml(&scenario.script.to_toml()), scenario.script, "{}", scenario.name);
    }
}

#[test]
fn bytes_without_a_request_decode_to_one_get_that_is_answered() {
    let goaway = Frame::goaway(StreamId::CONNECTION, conformance::http2::ErrorCode::NO_ERROR, b"");
    let mut bytes = Vec::new();
    wire::encode(&goaway, &mut bytes);
    assert_eq!(Script::decode(bytes), Script::answering([goaway]));
}

#[test]
fn a_flood_is_one_line_of_text() {
    let script = Script::answering(vec![Frame::ping([7; 8]); 3_000]);
    let text = script.to_toml();
    assert!(text.contains("times = 3000") && text.lines().count() < 10, "{text}");
    assert_eq!(from_toml(&text), script);
}

#[test]
fn steps_that_differ_only_in_a_number_are_one_line_of_text() {
    let mut steps = vec![Step::Request(Request::get()); 40];
    steps.extend((0..40).map(|request| Step::awaits(FrameType::HEADERS, StreamId::of_request(request))));
    steps.extend((0..40).map(Step::Cancel));
    steps.extend((0..40).map(|request| Step::Send(Frame::response(StreamId::of_request(request), 200))));
    let script = Script::new(steps);
    let text = script.to_toml();
    assert!(text.contains("next_stream = 2") && text.contains("next_request = 1"), "{text}");
    assert_eq!((text.lines().count(), from_toml(&text)), (7, script));
    let few: Vec<_> = (0..3).map(Step::Cancel).collect();
    assert!(!Script::new(few).to_toml().contains("next_request"));
}

#[test]
fn large_inputs_decode() {
    for bytes in [vec![0; 10 << 20], vec![0xff; 10 << 20], vec![0xf7; 20 << 20]] {
        let script = Script::decode(bytes);
        assert_eq!(Script::decode(script.encode()), script);
    }
}

#[test]
fn a_view_reads_what_a_constructor_wrote() {
    let stream = StreamId::FIRST;
    let frame = Frame::headers(stream, [(":status", "200")]).prioritised(true, StreamId::MAX, 7).padded(9);
    assert_eq!(frame.view(), View::Headers(&[0x88]));
    assert!(frame.has(flags::PADDED | flags::PRIORITY | flags::END_HEADERS));
    assert_eq!(Frame::data(stream, &b"hello"[..]).padded(0).view(), View::Data(b"hello"));
    let cut = Frame { payload: Bytes::from_static(&[200, 1]), ..Frame::data(stream, Bytes::new()).padded(0) };
    assert_eq!(cut.view(), View::Malformed);
}
