//! What is read from captures of packets is what happened.

mod packets;

use bytes::Bytes;
use conformance::{
    frame_logs::{
        CapturedConnection, FrameLog, LogSource, LoggedConnection, Missing, NoFrames, Sent, Side, read_capture,
    },
    http2::{Frame, StreamId, wire},
    peer::Record,
    rfc9113::{Certainty, Model, Truth},
    scenarios::{self, Scenario},
    stacks::{Driver, Legacy, Modern, Profile, Stack, panics::record_stack_panics},
};
use conformance_cli::capture::connections;
use packets::{FORMATS, Format, LINKS, Link, Segments, file};
use proptest::prelude::*;

/// What a capture has to tell of a request: whether it may be sent again although it is not idempotent, and whether its
/// response may be complete.
fn told(truth: &Truth) -> (bool, bool) {
    (truth.is_unprocessed(), truth.complete != Certainty::No)
}

fn read(file: Vec<u8>) -> Result<FrameLog, NoFrames> {
    read_capture(connections(file.into()).connections)
}

/// What became of the requests of the connections in a capture.
fn requests(file: Vec<u8>) -> Vec<Vec<(u32, bool, bool)>> {
    let FrameLog { source, connections, .. } = read(file).expect("it has requests");
    assert_eq!(source, LogSource::Capture);
    let told = |LoggedConnection { streams, record, script }: &LoggedConnection| {
        let truths = Model::of(script, record).truths;
        let told = streams.iter().zip(&truths).map(|(stream, truth)| (stream.get(), told(truth)));
        told.map(|(stream, (unprocessed, complete))| (stream, unprocessed, complete)).collect()
    };
    connections.iter().map(told).collect()
}

fn record<S: Stack>(driver: &Driver, scenario: &Scenario) -> Record {
    driver.observe::<S>(&scenario.script, Profile::Defaults).record
}

/// Where the capture of a play on a stack tells something else of a request than the record does.
fn differences<S: Stack>(driver: &Driver, scenario: &Scenario) -> Vec<String> {
    let record = record::<S>(driver, scenario);
    let model = Model::of(&scenario.script, &record);
    let Ok(FrameLog { connections, .. }) = read(Segments::of(&record, [7, 9]).file(Format::Pcap, Link::Ethernet))
    else {
        assert!(record.requests.is_empty(), "{}: it has a request", scenario.name);
        return Vec::new();
    };
    let [LoggedConnection { streams, record, script }] = &connections[..] else { panic!("one connection") };
    let by_capture = Model::of(script, record);
    let of_stream = |stream: &StreamId| model.truths.iter().find(|truth| truth.stream == Some(*stream));
    let both = streams.iter().zip(&by_capture.truths);
    let both = both.filter_map(|(stream, found)| Some((stream, of_stream(stream)?, found)));
    let differ = both.filter(|(_, truth, found)| told(truth) != told(found));
    differ
        .map(|(stream, truth, found)| {
            format!("{} stream {stream}: {:?}, and by the capture {:?}", S::NAME, told(truth), told(found))
        })
        .collect()
}

/// The scenarios of which a capture tells something else than the record, and why.
const UNTOLD: &[(&str, &str)] = &[
    ("a-tunnel-dropped-when-it-is-made", "no frame shows that its application dropped it before it had the head"),
    ("reset-and-window-update-after-the-cancel", "no frame shows that its application had cancelled it before"),
];

#[test]
fn the_capture_of_a_play_tells_what_the_record_tells() {
    record_stack_panics();
    let (driver, mut same, mut other) = (Driver::new(), 0, Vec::new());
    for scenario in scenarios::built_in().expect("the suite's own scenarios are valid") {
        let differences =
            [differences::<Legacy>(&driver, &scenario), differences::<Modern>(&driver, &scenario)].concat();
        match (differences.is_empty(), UNTOLD.iter().any(|(name, _)| *name == scenario.name)) {
            (true, false) => same += 1,
            (false, true) => {}
            (true, true) => other.push(format!("{}: the capture tells it now", scenario.name)),
            (false, false) => other.push(format!("{}: {}", scenario.name, differences.join("\n"))),
        }
    }
    assert!(other.is_empty(), "{same} are the same, {} are not:\n{}", other.len(), other.join("\n"));
}

/// A record with several requests, of which the last is not processed.
fn example() -> Record {
    let scenarios = scenarios::built_in().expect("the suite's own scenarios are valid");
    let scenario = scenarios.iter().find(|scenario| scenario.name == EXAMPLE).expect("it is a scenario");
    record::<Modern>(&Driver::new(), scenario)
}

const EXAMPLE: &str = "goaway-mid-body-then-eof";

#[test]
fn every_format_and_link_gives_the_same_connection() {
    let segments = Segments::of(&example(), [1, 1]);
    let expected = connections(segments.file(Format::Pcap, Link::Ethernet).into()).connections;
    assert!(matches!(&expected[..], [CapturedConnection { is_opened: true, is_cut: false, .. }]), "{expected:?}");
    for format in FORMATS {
        for link in LINKS {
            let capture = connections(segments.file(format, link).into());
            assert_eq!(capture.connections, expected, "{format:?} {link:?}");
        }
    }
}

/// The bytes of a side, and whether it has ended.
fn bytes(connection: &CapturedConnection, of: Side) -> (Vec<u8>, bool) {
    let sent = || connection.sent.iter().filter(|(side, _)| *side == of).map(|(_, sent)| sent);
    let bytes = sent().filter_map(|sent| if let Sent::Bytes(bytes) = sent { Some(&bytes[..]) } else { None });
    (bytes.collect::<Vec<_>>().concat(), sent().any(|sent| !matches!(sent, Sent::Bytes(_))))
}

fn both_sides(connection: &CapturedConnection) -> [(Vec<u8>, bool); 2] {
    [Side::Client, Side::Server].map(|side| bytes(connection, side))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn the_order_and_the_repetition_of_segments_change_nothing(
        numbers: [u32; 2],
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..4_usize, 0..40_usize), 0..40),
    ) {
        let mut segments = Segments::of(&example(), numbers);
        let expected = both_sides(&connections(Segments::of(&example(), [1, 1]).file(Format::Pcap, Link::Raw).into()).connections[0]);
        for (at, change, by) in changes {
            // The handshake stays the first.
            let at = 3 + at.index(segments.all.len() - 3);
            let other = (at + by).min(segments.all.len() - 1);
            match change {
                0 => segments.all.swap(at, other),
                1 => {
                    let again = segments.all[at].clone();
                    segments.all.insert(other, again);
                }
                2 => {
                    // Two segments that overlap.
                    let mut second = segments.all[at].clone();
                    let cut = by.min(second.payload.len());
                    second.payload.drain(..cut);
                    second.sequence = second.sequence.wrapping_add(cut as u32);
                    let end = (cut + 3).min(segments.all[at].payload.len());
                    if second.fin || second.rst { continue; }
                    segments.all[at].payload.truncate(end);
                    segments.all.insert(other, second);
                }
                _ => {
                    // Two segments sent again as one.
                    let next = segments.all.iter().skip(at + 1).find(|next| next.of_client == segments.all[at].of_client);
                    let Some(next) = next.cloned() else { continue };
                    let first = segments.all[at].clone();
                    if first.sequence.wrapping_add(first.payload.len() as u32) == next.sequence && !first.fin && !next.rst {
                        let mut one = next.clone();
                        (one.sequence, one.payload) = (first.sequence, [first.payload, next.payload].concat());
                        segments.all.insert(other, one);
                    }
                }
            }
        }
        // A reset counts where it comes.
        prop_assume!(segments.all.iter().all(|segment| !segment.rst));
        let found = connections(segments.file(Format::PcapNg, Link::Raw).into()).connections;
        prop_assert_eq!(found.len(), 1);
        prop_assert!(!found[0].is_cut);
        prop_assert_eq!(both_sides(&found[0]), expected);
    }

    #[test]
    fn no_bytes_behind_the_magic_panic(
        magic in prop::sample::select(vec![
            vec![0xd4, 0xc3, 0xb2, 0xa1], vec![0xa1, 0xb2, 0xc3, 0xd4], vec![0x4d, 0x3c, 0xb2, 0xa1],
            vec![0x34, 0xcd, 0xb2, 0xa1], vec![10, 13, 13, 10],
        ]),
        rest: Vec<u8>,
    ) {
        let _ = read([magic, rest].concat());
    }

    #[test]
    fn no_changed_byte_panics(
        format in prop::sample::select(FORMATS.to_vec()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut file = Segments::of(&example(), [1, 1]).file(format, Link::Ethernet);
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        let _ = read(file);
    }
}

#[test]
fn a_file_that_is_cut_anywhere_does_not_panic_and_gives_a_prefix() {
    let segments = Segments::of(&example(), [1, 1]);
    for format in FORMATS {
        let whole = segments.file(format, Link::Ethernet);
        let [expected] = &connections(whole.clone().into()).connections[..] else { panic!("one connection") };
        for end in 0..whole.len() {
            let capture = connections(Bytes::copy_from_slice(&whole[..end]));
            if let [found] = &capture.connections[..] {
                assert!(expected.sent.starts_with(&found.sent), "{format:?} up to {end}");
            }
            let _ = read_capture(capture.connections);
        }
    }
}

#[test]
fn what_the_capture_lost_is_said_and_what_lies_before_is_used() {
    let segments = Segments::of(&example(), [1, 1]);
    let whole = requests(segments.file(Format::Pcap, Link::Raw));
    let mut lost = 0;
    for gone in 3..segments.all.len() {
        if segments.all[gone].payload.is_empty() {
            continue;
        }
        let mut packets = segments.packets(Link::Raw);
        let short = packets[gone].len() - 1;
        for is_cut_short in [false, true] {
            let file = match is_cut_short {
                false => {
                    packets.remove(gone);
                    file(Format::Pcap, Link::Raw, &packets, usize::MAX)
                }
                true => file(Format::Pcap, Link::Raw, &segments.packets(Link::Raw), short),
            };
            let found = connections(file.clone().into()).connections;
            // Behind the last packet of a side nothing shows that there was one more.
            if !found[0].is_cut {
                continue;
            }
            lost += 1;
            let Ok(log) = read(file.clone()) else { continue };
            assert!(log.missing.contains(&Missing::Packets), "without packet {gone}: {:?}", log.missing);
            for (request, found) in whole[0].iter().zip(&requests(file)[0]) {
                assert!(request.1 || !found.1, "without packet {gone}: {found:?} in place of {request:?}");
            }
        }
    }
    assert!(lost > 4, "{lost} packets were missed");
}

#[test]
fn a_connection_from_before_the_capture_is_read_from_its_first_frame_on() {
    let mut segments = Segments::of(&example(), [1, 1]);
    // The handshake, the preface, and the first SETTINGS of both sides.
    let first = segments.all.iter().position(|segment| segment.payload.get(3) == Some(&1)).expect("it has HEADERS");
    segments.all.drain(..first);
    let FrameLog { missing, connections, .. } = read(segments.file(Format::Pcap, Link::Raw)).expect("it has requests");
    assert!(missing.contains(&Missing::Beginning) && !missing.contains(&Missing::Client), "{missing:?}");
    assert_eq!(connections[0].streams.first(), Some(&StreamId::FIRST));
    // The same, but the client has the lower port.
    segments.all.iter_mut().for_each(|segment| segment.of_client = !segment.of_client);
    let turned = read(segments.file(Format::Pcap, Link::Raw)).expect("it has requests");
    assert_eq!((turned.missing, turned.connections), (missing, connections));
}

#[test]
fn a_port_that_is_used_again_has_a_new_connection() {
    let one = Segments::of(&example(), [1, 1]);
    let mut two = Segments::of(&example(), [5_000, 6_000]);
    two.all.splice(..0, one.all);
    let found = requests(two.file(Format::Pcap, Link::Ethernet));
    assert_eq!(found.len(), 2);
    assert_eq!(found[0], found[1]);
}

/// A connection with these bytes of the client and the server.
fn exchange(client: &[u8], server: &[u8]) -> Vec<u8> {
    let mut segments = Segments::open([1, 1]);
    segments.add_bytes(true, client);
    segments.add_bytes(false, server);
    segments.file(Format::Pcap, Link::Raw)
}

#[test]
fn what_is_no_plaintext_http_2_is_named() {
    let hello = [&[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc][..], &[0; 400]].concat();
    assert_eq!(read(exchange(&hello, &[])), Err(NoFrames::Encrypted));
    let http1 = exchange(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n");
    assert_eq!(read(http1), Err(NoFrames::Http1));
    assert_eq!(read(exchange(b"EHLO me\r\n", b"220 hello\r\n")), Err(NoFrames::OtherProtocol));
    assert_eq!(read(exchange(b"", b"")), Err(NoFrames::Nothing));
    assert_eq!(read(exchange(wire::PREFACE, b"")), Err(NoFrames::NoRequest));
}

#[test]
fn an_upgraded_connection_has_its_first_request_on_stream_1() {
    let client = [b"HEAD /a HTTP/1.1\r\nupgrade: h2c\r\n\r\n", &wire::PREFACE[..]].concat();
    let mut server = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n".to_vec();
    let head = Frame::headers(StreamId::FIRST, [(":status", "200"), ("content-length", "9")]).end_stream();
    [Frame::settings([]), head].iter().for_each(|frame| wire::encode(frame, &mut server));
    // Of a HEAD, the response is complete without content.
    assert_eq!(requests(exchange(&client, &server)), [[(1, false, true)]]);
}

#[test]
fn the_captures_of_other_programs_are_read() {
    // nghttp with three requests, and then curl, at a port of `conformance serve --listen`.
    let tcpdump = include_bytes!("nghttp.pcap").to_vec();
    let expected = vec![vec![(13, false, false), (15, false, false), (17, false, false)], vec![(1, false, true)]];
    assert_eq!(read(tcpdump.clone()).expect("it has requests").missing, [].into());
    assert_eq!(requests(tcpdump), expected);
    // curl over TLS to nghttpd, as `tshark -U "OSI layer 7"` exports it.
    let exported = include_bytes!("exported.pcapng").to_vec();
    assert_eq!(requests(exported), [vec![(1, false, true)], vec![(1, false, true), (3, false, true)]]);
}
