use super::{
    Frames, Repaired,
    frames::{ignored, send, values, with_payload_of},
};
use crate::{
    comparison::Comparison,
    http2::{ErrorCode, Frame, FrameType, SettingId, StreamId, View, flags, hpack},
    outcome::{Outcome, OutcomeEnd},
    peer::Record,
    rfc9113::{Certainty, ConnectionState, Handling, Model},
    script::{Body, BodyEnd, Request, Script, Step},
    stacks::Settings,
    vocabulary::StackName,
};
use bytes::Bytes;
use std::{
    cell::OnceCell,
    ops::{Deref, Range},
};

/// A script as a repair reads it: the frames of the peer, and what the client had sent before each.
pub struct Exchange<'script> {
    frames: Frames<'script>,
    /// The streams that the client opened, each with the next step after it was opened.
    opened: Vec<(StreamId, usize)>,
    /// What crossed the transport on the legacy side.
    record: &'script Record,
    /// What the application got on each side.
    outcomes: [&'script Outcome; 2],
    /// The model of RFC 9113, for each side.
    models: [&'script Model; 2],
    /// The range of each step's bytes in all that the peer sends.
    places: OnceCell<Vec<Range<usize>>>,
    fields: OnceCell<Vec<Option<Vec<hpack::Field>>>>,
}

/// What the peer has sent on one stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// A head that is not informational.
    pub head: bool,
    /// A frame with END_STREAM.
    pub end: bool,
    /// A RST_STREAM.
    pub reset: bool,
}

impl<'script> Deref for Exchange<'script> {
    type Target = Frames<'script>;

    fn deref(&self) -> &Frames<'script> {
        &self.frames
    }
}

impl<'script> Exchange<'script> {
    /// The exchange of this script. What crossed the transport is taken from the legacy side.
    pub fn new(script: &'script Script, comparison: &'script Comparison) -> Exchange<'script> {
        let record = &comparison.sides[StackName::Legacy].observation.record;
        let outcomes = comparison.sides.each().map(|side| &side.outcome);
        let models = comparison.sides.each().map(|side| &side.model);
        let heads = record.client_frames_by_step().filter(|(_, frame)| frame.kind == FrameType::HEADERS);
        let opened = heads.map(|(step, frame)| (frame.stream, step.map_or(0, |step| step + 1))).collect();
        Exchange {
            frames: Frames::new(script),
            opened,
            record,
            outcomes,
            models,
            places: OnceCell::new(),
            fields: OnceCell::new(),
        }
    }

    /// Whether the client ended the connection with an error.
    pub fn ends_connection(&self) -> bool {
        let is_error = |frame: Frame| matches!(frame.view(), View::GoAway { code, .. } if code != ErrorCode::NO_ERROR);
        self.record.client_frames().any(is_error)
    }

    /// How a client must handle the frames that the step at `index` sends, for both sides.
    pub fn handlings(&self, index: usize) -> impl Iterator<Item = Handling> {
        let place = self.places.get_or_init(|| places(self.steps)).get(index).cloned().unwrap_or_default();
        self.models.into_iter().flat_map(move |model| {
            let first = model.frames.partition_point(|frame| frame.start < place.start);
            let end = place.end;
            model.frames[first..].iter().take_while(move |frame| frame.start < end).map(|frame| frame.handling)
        })
    }

    /// The same for the whole field block that begins at `index`: a fault in it may show only at its last frame.
    pub fn handlings_of_block(&self, index: usize) -> impl Iterator<Item = Handling> {
        (index..=self.block_end(index)).flat_map(|index| self.handlings(index))
    }

    /// Whether the complete response on that stream reaches the client, on either side.
    pub fn is_complete(&self, stream: StreamId) -> bool {
        let truths = self.models.iter().flat_map(|model| &model.truths);
        truths.filter(|truth| truth.stream == Some(stream)).any(|truth| truth.complete == Certainty::Yes)
    }

    /// The streams on which legacy's body said that it had ended, and modern's did not.
    pub fn seem_ended(&self) -> impl Iterator<Item = StreamId> {
        self.record.requests.iter().filter(|(number, _)| self.seems_ended(*number)).map(|(_, stream)| *stream)
    }

    fn seems_ended(&self, number: usize) -> bool {
        let hints = self.outcomes.map(|outcome| outcome.requests.get(number).and_then(|request| request.hint));
        hints.map(|hint| hint.is_some_and(|hint| hint.is_end_stream)) == [true, false]
    }

    /// The number of sides on which some request was never written.
    pub fn sides_with_unwritten(&self) -> usize {
        let unwritten = |model: &&&Model| model.truths.iter().any(|truth| truth.stream.is_none());
        self.models.iter().filter(unwritten).count()
    }

    /// The number of sides on which some request is never written although it fails, or the connection ends or is to
    /// end.
    pub fn sides_that_give_up_unwritten(&self) -> usize {
        let gives_up = |(model, outcome): &(&Model, &Outcome)| {
            let ends = model.connection != ConnectionState::Alive;
            let mut requests = model.truths.iter().zip(&outcome.requests);
            requests.any(|(truth, request)| {
                truth.stream.is_none() && (ends || matches!(request.end, OutcomeEnd::Failed(..)))
            })
        };
        self.models.into_iter().zip(self.outcomes).filter(gives_up).count()
    }

    /// The requests that the script issues.
    pub fn requests(&self) -> impl Iterator<Item = &'script Request> {
        self.issues().map(|(_, _, request)| request)
    }

    /// The number of bytes of content that the application gives the request with this number in all.
    pub fn content(&self, number: usize) -> u64 {
        let fed = |step: &Step| match step {
            Step::Feed { request, bytes, .. } if *request as usize == number => u64::from(*bytes),
            _ => 0,
        };
        let body = self.requests().nth(number).map_or(Body::EMPTY, Request::body);
        let fed = if body.end() == BodyEnd::Never { self.steps.iter().map(fed).sum() } else { 0 };
        u64::from(body.size()) + fed
    }

    /// Whether the request on this stream has content, so that the client's half may still be open when a response
    /// arrives.
    pub fn has_content(&self, stream: StreamId) -> bool {
        self.request_on(stream).is_none_or(|request| request.body() != Body::EMPTY)
    }

    /// Whether the client had opened the stream when the step at `index` was played.
    pub fn opened_before(&self, index: usize, stream: StreamId) -> bool {
        self.opened.iter().any(|(opened, before)| *opened == stream && *before <= index)
    }

    /// The fields of the block that begins with the HEADERS or PUSH_PROMISE at `index`, continued or not; `None` if it
    /// does not decode.
    pub fn fields_from(&self, index: usize) -> Option<&[hpack::Field]> {
        let fields = || (0..self.steps.len()).map(|index| self.decoded_from(index)).collect();
        self.fields.get_or_init(fields).get(index)?.as_deref()
    }

    /// The field block that begins with the HEADERS at `index`, as it is after each of its frames but the last.
    pub fn fragments_from(&self, index: usize) -> Vec<Vec<u8>> {
        let frames = self.frames_from(index).take_while(|(_, frame)| !frame.has(flags::END_HEADERS));
        let mut block = Vec::new();
        let so_far = |fragment: &[u8]| {
            block.extend_from_slice(fragment);
            block.clone()
        };
        frames.map_while(|(_, frame)| fragment(frame)).map(so_far).collect()
    }

    fn decoded_from(&self, index: usize) -> Option<Vec<hpack::Field>> {
        self.frame(index)?;
        let mut block = Vec::new();
        for (at, frame) in self.frames_from(index) {
            let continues = frame.kind == FrameType::CONTINUATION;
            block.extend_from_slice(fragment(frame).filter(|_| continues == (at > index))?);
            if frame.has(flags::END_HEADERS) {
                break;
            }
        }
        hpack::decode(&block)
    }

    /// The step at `index` after `change` has edited the fields of its whole block; `None` if it leaves them as they are.
    /// `change` gets the index of the HEADERS frame that begins the block, that frame, and the fields. The fields go
    /// into the HEADERS frame, and its continuations are left empty.
    pub fn with_fields(
        &self,
        index: usize,
        change: impl FnOnce(usize, &'script Frame, &mut Vec<hpack::Field>),
    ) -> Repaired {
        let begin = self.block_begin(index)?;
        let head = self.frame_of(begin, FrameType::HEADERS)?;
        let before = self.fields_from(begin)?;
        let mut fields = before.to_vec();
        change(begin, head, &mut fields);
        (fields != before).then(|| {
            let frame = self.frame(index).unwrap_or(head);
            let block = hpack::encode(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
            with_payload(frame, if index == begin { block.into() } else { Bytes::new() })
        })
    }

    /// The step at `index` with other bytes in its part of a field block; `None` if no edit is in this step. `edits`
    /// gets the block, as far as it was sent, and the places where it is cut; it returns ranges and the bytes that
    /// replace them. If a range covers several frames, its replacement goes into the first of them.
    pub fn with_block(
        &self,
        index: usize,
        edits: impl FnOnce(&[u8], &[usize]) -> Vec<(Range<usize>, Vec<u8>)>,
    ) -> Repaired {
        let begin = self.block_begin(index)?;
        let (mut block, mut cuts, mut own) = (Vec::new(), Vec::new(), 0..0);
        for (at, frame) in self.frames_from(begin) {
            let fragment = fragment(frame).filter(|_| at == begin || frame.kind == FrameType::CONTINUATION);
            let Some(fragment) = fragment else { break };
            let start = block.len();
            block.extend_from_slice(fragment);
            if at == index {
                own = start..block.len();
            }
            if frame.has(flags::END_HEADERS) {
                break;
            }
            cuts.push(block.len());
        }
        let edits = edits(&block, &cuts);
        let (mut changed, mut at, mut any) = (Vec::new(), own.start, false);
        for (place, by) in edits.iter().filter(|(place, _)| place.start < own.end && own.start < place.end) {
            any = true;
            if place.start >= own.start {
                changed.extend_from_slice(&block[at..place.start]);
                changed.extend_from_slice(by);
            }
            at = place.end.min(own.end);
        }
        changed.extend_from_slice(&block[at..own.end]);
        any.then_some(())?;
        let frame = self.frame(index)?;
        let payload = match frame.view() {
            View::PushPromise { promised, .. } => Frame::push_promise_block(frame.stream, promised, &changed).payload,
            _ => changed.into(),
        };
        Some(with_payload(frame, payload))
    }

    /// The step that ends the field block that begins at `index`; `index` if none does.
    fn block_end(&self, index: usize) -> usize {
        let ends = |at: &usize| self.frame(*at).is_some_and(|frame| frame.has(flags::END_HEADERS));
        let continues = |at: &usize| self.frame(*at).is_none_or(|frame| frame.kind == FrameType::CONTINUATION);
        match ends(&index) {
            true => index,
            false => (index + 1..self.steps.len()).take_while(continues).find(ends).unwrap_or(index),
        }
    }

    /// What the peer sent on the stream before the step at `index`.
    pub fn sent_before(&self, index: usize, stream: StreamId) -> Sent {
        let mut sent = Sent::default();
        for (at, step) in self.steps[..index].iter().enumerate() {
            let Some(frame) = step.frame().filter(|frame| frame.stream == stream) else { continue };
            sent.end |= frame.ends_stream();
            sent.reset |= frame.kind == FrameType::RST_STREAM;
            sent.head |= frame.kind == FrameType::HEADERS && !self.is_informational(at);
        }
        sent
    }

    /// Whether the frame at `index` is the last of a stream: one with END_STREAM, or the end of its field block.
    pub fn ends_stream(&self, index: usize) -> bool {
        let Some(frame) = self.frame(index) else { return false };
        let begin = self.block_begin(index).and_then(|begin| self.frame(begin));
        let last = frame.kind == FrameType::DATA || frame.has(flags::END_HEADERS);
        last && begin.is_some_and(|begin| begin.ends_stream() && begin.stream == frame.stream)
    }

    /// Whether the HEADERS frame at `index` begins the head of an informational response.
    pub fn is_informational(&self, index: usize) -> bool {
        self.fields_from(index).and_then(status).is_some_and(|status| status.starts_with('1'))
    }
}

/// The state of requests and streams at a step.
impl<'script> Exchange<'script> {
    /// The requests, each with its number and the step that issues it.
    pub fn issues(&self) -> impl Iterator<Item = (usize, usize, &'script Request)> {
        let requests = self.steps.iter().enumerate().filter_map(|(at, step)| Some((at, step.request()?)));
        requests.enumerate().map(|(number, (step, request))| (number, step, request))
    }

    /// The request that the step at `index` issues, with its number.
    pub fn request_at(&self, index: usize) -> Option<(usize, &'script Request)> {
        let request = self.steps[index].request()?;
        Some((self.steps[..index].iter().filter(|step| step.request().is_some()).count(), request))
    }

    /// The request that was written on the stream.
    pub fn request_on(&self, stream: StreamId) -> Option<&'script Request> {
        let (number, _) = self.record.requests.iter().find(|(_, written)| *written == stream)?;
        self.requests().nth(*number)
    }

    /// Whether a CONNECT request was written on the stream.
    pub fn is_connect(&self, stream: StreamId) -> bool {
        self.request_on(stream).is_some_and(Request::is_connect)
    }

    /// Whether the peer has made a tunnel of the stream before the step at `index`, and has not ended it.
    pub fn is_tunnel(&self, index: usize, stream: StreamId) -> bool {
        let sent = self.sent_before(index, stream);
        self.is_connect(stream) && sent.head && !sent.end
    }

    /// The stream that the request of this number was written on.
    pub fn stream_of(&self, number: usize) -> Option<StreamId> {
        self.record.requests.iter().find(|(written, _)| *written == number).map(|(_, stream)| *stream)
    }

    /// Whether the client had opened the stream when it handled the frame at `index`.
    pub fn is_open(&self, index: usize, stream: StreamId) -> bool {
        // In one turn a client may open a stream and read a frame on it before it writes HEADERS; if writing fails,
        // they are never written.
        let fails = |step: &Step| matches!(step, Step::FailWrite { .. });
        self.opened_before(index + 1, stream) || self.steps[..index].iter().any(fails)
    }

    /// The numbers of the requests that had been issued but not written when the step at `index` was played.
    fn unwritten(&self, index: usize) -> impl Iterator<Item = usize> {
        let written = move |number| self.stream_of(number).is_some_and(|stream| self.opened_before(index, stream));
        let unwritten = move |(number, step, _)| (step < index && !written(number)).then_some(number);
        self.issues().filter_map(unwritten)
    }

    /// Whether a request had been issued but not written when the step at `index` was played, and was written later on
    /// at least one side.
    pub fn has_written_late(&self, index: usize) -> bool {
        self.unwritten(index).any(|number| self.models.iter().any(|model| model.truths[number].stream.is_some()))
    }

    /// Whether the frame at `index` may arrive while a request waits for a slot on that stream: the client has taken
    /// the request, the peer has limited its streams, and the client has not opened this one.
    pub fn waits(&self, index: usize, stream: StreamId) -> bool {
        // The stream of a waiting request is known only once the request is written.
        if !stream.is_client_initiated() || self.opened_before(index, stream) {
            return false;
        }
        let taken = self.comes_in_pieces(index) || self.steps[..index].iter().any(runs);
        let limited = self.before(index).any(|frame| values(frame, SettingId::MAX_CONCURRENT_STREAMS).count() > 0);
        taken && limited && self.unwritten(index).next().is_some()
    }

    /// Whether the frame at `index` is the first HEADERS frame of a head, informational or not, that a client reads:
    /// the stream is open and has not ended, and the frame does not reset it at once.
    pub fn begins_head(&self, index: usize) -> bool {
        let Some(frame) = self.frame_of(index, FrameType::HEADERS) else { return false };
        let sent = self.sent_before(index, frame.stream);
        let expected = !sent.head && !sent.end && !sent.reset;
        expected && self.is_open(self.block_end(index), frame.stream) && !self.is_stream_error(index)
    }

    /// Whether a client resets the stream for the content of the frame at `index`, whatever the stream's state: the
    /// stream would depend on itself (RFC 7540 §5.3.1), or the field block is malformed (RFC 9113 §8.2.2, §8.3).
    pub fn is_stream_error(&self, index: usize) -> bool {
        let Some(frame) = self.frame(index) else { return false };
        match frame.view() {
            View::Priority { depends_on, .. } => depends_on == frame.stream,
            // Both h2 check the dependency before the padding.
            _ if frame.dependency() == Some(frame.stream) => true,
            View::Headers(_) => self.fields_from(index).is_some_and(malformed),
            _ => false,
        }
    }

    /// The streams on which the peer had sent a final head before the step at `index`.
    pub fn answered_before(&self, index: usize) -> impl Iterator<Item = StreamId> {
        self.opened.iter().map(|(stream, _)| *stream).filter(move |stream| self.sent_before(index, *stream).head)
    }

    /// Whether the application cancelled the request with this number before it had ended, on either side.
    pub fn is_cancelled(&self, number: usize) -> bool {
        let mut ended = self.outcomes.iter().filter_map(|outcome| outcome.requests.get(number));
        ended.any(|request| request.end == OutcomeEnd::Cancelled)
    }

    /// Whether a request was certainly open when the step at `index` was played: it was written with a body that does
    /// not fail, the application had not cancelled it, and the peer had sent nothing on its stream and no GOAWAY.
    pub fn is_unanswered(&self, index: usize) -> bool {
        let cancelled = |stream| {
            let number = self.record.requests.iter().find(|(_, written)| *written == stream).map(|(number, _)| *number);
            self.steps[..index]
                .iter()
                .any(|step| matches!(step, Step::Cancel(request) if Some(*request as usize) == number))
        };
        let lasts = |stream| {
            let request = self.request_on(stream).filter(|_| !cancelled(stream));
            request.is_some_and(|request| request.body().end() != BodyEnd::Fails)
        };
        let unanswered = |stream: StreamId| lasts(stream) && !self.before(index).any(|frame| frame.stream == stream);
        let goes_on = !self.before(index).any(|frame| frame.kind == FrameType::GOAWAY);
        goes_on && self.opened.iter().any(|(stream, before)| *before <= index && unanswered(*stream))
    }

    /// Whether the client ran between the last frame that ended the stream and the step at `index`.
    pub fn runs_after_end(&self, index: usize, stream: StreamId) -> bool {
        let ends = |step: &Step| step.frame().is_some_and(|frame| frame.stream == stream && frame.ends_stream());
        let since = self.steps[..index].iter().rposition(ends);
        since.is_some_and(|since| self.steps[since..index].iter().any(runs))
    }

    /// Whether as much time passes as a silent peer has before the client sends a PING.
    pub fn outlasts_keep_alive(&self) -> bool {
        let passed = |step: &Step| match step {
            Step::Pass(milliseconds) => u128::from(*milliseconds),
            _ => 0,
        };
        self.steps.iter().map(passed).sum::<u128>() >= Settings::EQUAL.keep_alive_interval.as_millis()
    }

    /// Whether the peer delivers its bytes in pieces at the step at `index`.
    fn comes_in_pieces(&self, index: usize) -> bool {
        let split = self.steps[..index].iter().rfind(|step| matches!(step, Step::Split(_)));
        matches!(split, Some(Step::Split(1..)))
    }
}

/// The range of each step's bytes in all that the peer sends.
fn places(steps: &[Step]) -> Vec<Range<usize>> {
    let mut end = 0;
    let mut place = |step: &Step| {
        let start = end;
        end += step.sent_length();
        start..end
    };
    steps.iter().map(&mut place).collect()
}

/// The part of a field block that a frame carries.
fn fragment(frame: &Frame) -> Option<&[u8]> {
    match frame.view() {
        View::Headers(block) | View::PushPromise { block, .. } | View::Continuation(block) => Some(block),
        _ => None,
    }
}

/// Whether the client handles everything sent so far before the next step.
pub(super) fn runs(step: &Step) -> bool {
    matches!(step, Step::Await { .. } | Step::Pass(_))
}

/// The initial flow-control window of a connection, and of a stream unless the peer sets another (RFC 9113 §6.9.2).
pub(super) const INITIAL_WINDOW: u32 = 65_535;

/// The same frame without the fault that resets its stream: PRIORITY depends on stream 0, other frames become ignored
/// ones.
pub(super) fn without_stream_error(frame: &Frame) -> Vec<Step> {
    match frame.view() {
        View::Priority { exclusive, weight, .. } => {
            with_payload_of(frame, Frame::priority(frame.stream, exclusive, StreamId::CONNECTION, weight))
        }
        _ => ignored(frame),
    }
}

/// Whether decoded fields are malformed: connection-specific fields, and pseudo-header fields that come twice or after
/// regular fields.
pub(crate) fn malformed(fields: &[hpack::Field]) -> bool {
    well_formed(fields).len() < fields.len()
}

/// The same fields without those that are malformed after the fields before them.
pub(super) fn well_formed(fields: &[hpack::Field]) -> Vec<hpack::Field> {
    const OF_A_CONNECTION: [&str; 5] = ["connection", "transfer-encoding", "upgrade", "keep-alive", "proxy-connection"];
    let mut kept: Vec<hpack::Field> = Vec::new();
    for (name, value) in fields {
        let is_misplaced = |(before, _): &hpack::Field| before == name || !before.starts_with(':');
        let misplaced = name.starts_with(':') && kept.iter().any(is_misplaced);
        let of_connection = OF_A_CONNECTION.contains(&name.as_str()) || (name == "te" && value != "trailers");
        if !misplaced && !of_connection {
            kept.push((name.clone(), value.clone()));
        }
    }
    kept
}

/// The value of `:status`.
pub(super) fn status(fields: &[hpack::Field]) -> Option<&str> {
    fields.iter().find(|(name, _)| name == ":status").map(|(_, value)| value.as_str())
}

/// The same frame with another payload, and with neither padding nor priority.
pub(super) fn with_payload(frame: &Frame, payload: Bytes) -> Vec<Step> {
    let flags = frame.flags & !(flags::PADDED | flags::PRIORITY);
    send(Frame { payload, flags, ..frame.clone() })
}
