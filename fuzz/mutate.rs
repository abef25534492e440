//! Mutation of scripts for a coverage-guided fuzzer. A mutation makes one small change to a step or to the order of
//! steps, so that the script still reaches most of what it reached before.
//!
//! All changes are candidates of equal weight: `mutatis` counts them and applies one. Inserted steps come from the
//! grammar of [`conformance::generators::scripts`].

use bytes::Bytes;
use conformance::{
    generators::Sequence,
    http2::{ErrorCode, Frame, FrameType, SettingId, StreamId, View, flags, hpack},
    script::{Body, BodyEnd, IoFailure, Method, Reads, Request, Script, Step},
};
use mutatis::{Candidates, Mutate, Result, Rng, Session};
use std::sync::LazyLock;

/// Makes one to four small changes to the script. The result depends only on the script and the seed.
pub fn mutate(script: &Script, seed: u64) -> Script {
    let mut session = Session::new().seed(seed);
    let mut steps = script.steps().to_vec();
    for _ in 0..=(seed % 8).saturating_sub(4) {
        // There is always a candidate: a short script can grow, and a long one has steps to change.
        let _ = session.mutate_with(&mut Steps, &mut steps);
    }
    for step in &mut steps {
        if let Step::Send(frame) = step {
            // The length of another payload may be right by now.
            frame.length = frame.length.filter(|length| *length as usize != frame.payload.len());
        }
    }
    Script::new(steps)
}

/// The beginning of one script and the end of another. The second part only fills the result up to `LONG` steps.
pub fn splice(first: &Script, second: &Script, seed: u64) -> Script {
    let (first, second) = (first.steps(), second.steps());
    let begin = (seed % (first.len() as u64 + 1)) as usize;
    let end = ((seed >> 32) % (second.len() as u64 + 1)) as usize;
    let room = LONG.saturating_sub(begin);
    Script::new(first[..begin].iter().chain(second[end..].iter().take(room)).cloned().collect())
}

/// Scripts with this many steps do not grow further: shorter scripts reach the same code in less time.
const LONG: usize = 16;

/// Changes steps and their order.
struct Steps;

impl Mutate<Vec<Step>> for Steps {
    fn mutate(&mut self, candidates: &mut Candidates<'_>, steps: &mut Vec<Step>) -> Result<()> {
        let length = steps.len();
        if length < LONG {
            for index in 0..=length {
                change(candidates, |rng| steps.insert(index, choose(rng, &DRAWN).clone()))?;
            }
        }
        for index in 0..length {
            // Twice, to balance the two candidates that insert a step: on average, scripts keep their length.
            for _ in 0..2 {
                change(candidates, |_| drop(steps.remove(index)))?;
            }
            change(candidates, |rng| steps.swap(index, below(rng, length)))?;
            if length < LONG {
                change(candidates, |rng| {
                    let to = below(rng, length + 1);
                    steps.insert(to, steps[index].clone());
                })?;
            }
            mutate_step(candidates, &mut steps[index])?;
        }
        Ok(())
    }
}

/// Steps drawn from the grammar, for insertion, each as often as in a script.
static DRAWN: LazyLock<Vec<Step>> = LazyLock::new(|| {
    let mut steps = Vec::new();
    for step in Sequence::of_scripts(0, 0).take(1_000).flat_map(|script| script.steps().to_vec()) {
        if steps.last() != Some(&step) && step.sent_length() < 1_000 {
            steps.push(step);
        }
    }
    steps
});

/// Adds a change to the candidates of a mutation.
fn change(candidates: &mut Candidates<'_>, mut change: impl FnMut(&mut Rng)) -> Result<()> {
    candidates.mutation(|context| {
        change(context.rng());
        Ok(())
    })
}

fn mutate_step(candidates: &mut Candidates<'_>, step: &mut Step) -> Result<()> {
    match step {
        Step::Request(request) => mutate_request(candidates, request),
        Step::Send(frame) => mutate_frame(candidates, frame),
        Step::SendRaw(bytes) => change(candidates, |rng| *bytes = other_bytes(rng, bytes)),
        Step::Await { kind, stream } | Step::Never { kind, stream } => {
            change(candidates, |rng| *kind = other_type(rng))?;
            change(candidates, |rng| *stream = other_stream(rng, *stream))
        }
        Step::Pass(number) | Step::Split(number) => {
            change(candidates, |rng| *number = *choose(rng, &[0, 1, 7, 9, 100, 10_100, 30_100]))
        }
        Step::FailRead(failure) => change(candidates, |rng| *failure = *choose(rng, &IoFailure::ALL)),
        Step::FailWrite { failure, after } => {
            change(candidates, |rng| *failure = *choose(rng, &IoFailure::ALL))?;
            change(candidates, |rng| *after = below(rng, 8) as u32)
        }
        Step::Cancel(request) => change(candidates, |rng| *request = below(rng, 8) as u32),
        Step::Read { request, bytes } => {
            change(candidates, |rng| *request = below(rng, 8) as u32)?;
            change(candidates, |rng| *bytes = *choose(rng, &READS))
        }
        Step::Connection(number) => change(candidates, |rng| *number = 1 + below(rng, 3) as u32),
        Step::Feed { request, bytes, end } => {
            change(candidates, |rng| *request = below(rng, 8) as u32)?;
            change(candidates, |rng| *bytes = *choose(rng, &READS))?;
            change(candidates, |_| *end = !*end)
        }
        Step::Close | Step::AnswerPings | Step::DropClient | Step::RefuseConnections => Ok(()),
    }
}

/// How much an application reads.
const READS: [u32; 6] = [0, 1, 10, 16_384, 65_535, 100_000];

fn mutate_request(candidates: &mut Candidates<'_>, request: &mut Request) -> Result<()> {
    change(candidates, |rng| *request = Request::new(*choose(rng, &Method::ALL)).with_body(request.body()))?;
    change(candidates, |rng| {
        let size = *choose(rng, &[0, 1, 10, 16_384, 65_535, 65_536, 70_000]);
        let end = *choose(rng, &BodyEnd::ALL);
        *request = Request::new(request.method()).with_body(Body::new(size, end)).reading(request.read());
    })?;
    change(candidates, |rng| {
        let read = Reads::Bytes(*choose(rng, &READS));
        *request = request.clone().reading(if rng.gen_bool() { read } else { Reads::All });
    })?;
    change(candidates, |_| {
        let with_trailer = request.clone().with_trailer("x-last", "1").filter(|_| request.trailers().is_empty());
        *request = with_trailer.unwrap_or_else(|| request.clone().without_trailers());
    })
}

fn mutate_frame(candidates: &mut Candidates<'_>, frame: &mut Frame) -> Result<()> {
    change(candidates, |rng| frame.stream = other_stream(rng, frame.stream))?;
    change(candidates, |rng| frame.kind = other_type(rng))?;
    change(candidates, |rng| {
        frame.flags ^= *choose(rng, &[flags::END_STREAM, flags::END_HEADERS, flags::PADDED, flags::PRIORITY, 2])
    })?;
    change(candidates, |rng| {
        let length = frame.payload.len() as u32;
        let lies = [length.wrapping_sub(1) & 0x00ff_ffff, length + 1, 0, 16_384, 16_385, 0x00ff_ffff];
        frame.length = Some(*choose(rng, &lies)).filter(|lie| *lie != length);
    })?;
    change(candidates, |_| frame.reserved = !frame.reserved)?;
    change(candidates, |rng| frame.payload = other_bytes(rng, &frame.payload))?;
    change(candidates, |rng| frame.payload = other_payload(rng, frame))
}

/// A payload of the same layout, with one field changed.
fn other_payload(rng: &mut Rng, frame: &Frame) -> Bytes {
    match frame.view() {
        View::RstStream(_) => Frame::rst_stream(frame.stream, other_code(rng)).payload,
        View::GoAway { last_stream_id, code, debug_data } => match below(rng, 3) {
            0 => Frame::goaway(last_stream_id, other_code(rng), debug_data).payload,
            1 => Frame::goaway(last_stream_id, code, b"too_many_pings").payload,
            _ => Frame::goaway(other_stream(rng, last_stream_id), code, debug_data).payload,
        },
        View::WindowUpdate(increment) => Frame::window_update(frame.stream, other_number(rng, increment)).payload,
        View::Priority { exclusive, depends_on, weight } => {
            Frame::priority(frame.stream, exclusive, other_stream(rng, depends_on), weight).payload
        }
        View::Settings(mut settings) => {
            let id = SettingId(below(rng, 10) as u16);
            match rng.gen_index(settings.len()).filter(|_| rng.gen_bool()) {
                Some(index) => settings[index].1 = other_number(rng, settings[index].1),
                None => settings.push((id, other_number(rng, 1))),
            }
            Frame::settings(settings).payload
        }
        View::PushPromise { promised, block } => {
            Frame::push_promise_block(frame.stream, other_stream(rng, promised), block).payload
        }
        View::Headers(fragment) => match hpack::decode(fragment) {
            Some(fields) => other_fields(rng, fields),
            None => other_bytes(rng, &frame.payload),
        },
        View::Data(_) => Bytes::from_static(&[b'.'; 20]).slice(..below(rng, 20)),
        _ => other_bytes(rng, &frame.payload),
    }
}

/// Fields that affect how a client handles a message.
const FIELDS: [(&str, &str); 16] = [
    (":status", "200"),
    (":status", "100"),
    (":status", "103"),
    (":status", "101"),
    (":status", "204"),
    (":status", "304"),
    (":status", "99"),
    (":path", "/"),
    ("content-length", "0"),
    ("content-length", "5"),
    ("content-length", "18446744073709551616"),
    ("connection", "close"),
    ("te", "trailers"),
    ("transfer-encoding", "chunked"),
    ("Upper", "x"),
    ("", ""),
];

fn other_fields(rng: &mut Rng, mut fields: Vec<hpack::Field>) -> Bytes {
    let (name, value) = *choose(rng, &FIELDS);
    let field = (name.to_owned(), value.to_owned());
    match (below(rng, 4), rng.gen_index(fields.len())) {
        (0, Some(index)) => drop(fields.remove(index)),
        (1, Some(index)) => fields[index] = field,
        (2, Some(index)) => fields.insert(index, field),
        _ => fields.push(field),
    }
    let form = *choose(rng, &[hpack::Form::SpeltOut, hpack::Form::NeverIndexed, hpack::Form::Added]);
    let pairs = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    if rng.gen_bool() { hpack::encode(pairs).into() } else { hpack::encode_as(form, pairs).into() }
}

fn other_bytes(rng: &mut Rng, bytes: &Bytes) -> Bytes {
    let mut bytes = bytes.to_vec();
    let byte = rng.gen_u8();
    match (below(rng, 5), rng.gen_index(bytes.len())) {
        (0, Some(index)) => bytes[index] = byte,
        (1, Some(index)) => bytes[index] ^= 1 << (byte % 8),
        (2, Some(index)) => bytes.truncate(index),
        (3, Some(index)) => drop(bytes.remove(index)),
        (_, index) => bytes.insert(index.unwrap_or_default(), byte),
    }
    bytes.into()
}

fn other_code(rng: &mut Rng) -> ErrorCode {
    let codes = ErrorCode::NAMED;
    codes.get(below(rng, codes.len() + 1)).copied().unwrap_or(ErrorCode(0x42))
}

fn other_type(rng: &mut Rng) -> FrameType {
    FrameType(below(rng, FrameType::NAMED.len() + 2) as u8)
}

/// A stream that is likely to exist, or an identifier near one.
fn other_stream(rng: &mut Rng, stream: StreamId) -> StreamId {
    let near = [0, 1, 2, 3, 5, 7, stream.get() + 2, stream.get().wrapping_sub(2), StreamId::MAX.get()];
    StreamId::from_word(*choose(rng, &near))
}

/// A number next to this one, at a limit of the protocol, or at random.
fn other_number(rng: &mut Rng, number: u32) -> u32 {
    let any = rng.gen_u32();
    let numbers = [0, 1, number.wrapping_add(1), number.wrapping_sub(1), 16_384, 65_535, 0x7fff_ffff, u32::MAX, any];
    *choose(rng, &numbers)
}

fn choose<'c, T>(rng: &mut Rng, among: &'c [T]) -> &'c T {
    &among[below(rng, among.len())]
}

fn below(rng: &mut Rng, limit: usize) -> usize {
    rng.gen_index(limit).unwrap_or_default()
}

/// Bytes that mean a script not far from the one that these mean: what a fuzzer tries next. `None` if they would be
/// more than `longest`.
pub fn mutated(bytes: &[u8], longest: usize, seed: u32) -> Option<Vec<u8>> {
    let script = Script::decode(bytes.to_vec());
    Some(mutate(&script, seed.into()).encode()).filter(|bytes| bytes.len() <= longest)
}

/// Bytes that mean the beginning of one script and the end of another; `None` if they would be more than `longest`.
pub fn crossed(first: &[u8], second: &[u8], longest: usize, seed: u32) -> Option<Vec<u8>> {
    let (first, second) = (Script::decode(first.to_vec()), Script::decode(second.to_vec()));
    // Both halves of the number decide.
    let seed = u64::from(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    Some(splice(&first, &second, seed).encode()).filter(|bytes| bytes.len() <= longest)
}

/// The bytes of the same script with its first request only; `bytes` themselves if it has no more, or if the others
/// would be longer than `longest`.
pub fn with_one_request(bytes: Vec<u8>, longest: usize) -> Vec<u8> {
    let script = Script::decode(bytes.clone());
    let mut requests = 0;
    let is_kept = |step: &&Step| {
        requests += usize::from(step.request().is_some());
        requests <= 1 || step.request().is_none()
    };
    let first = Script::new(script.steps().iter().filter(is_kept).cloned().collect());
    let encoded = (first != script).then(|| first.encode());
    encoded.filter(|encoded| encoded.len() <= longest).unwrap_or(bytes)
}

#[cfg(test)]
mod tests;
