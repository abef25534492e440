//! The rules for what a client sends, frame by frame.
//!
//! The peer's frames and the client's cross on their way. A client is at fault only if no state between what it had
//! surely handled and what it had received permits its frame. It has surely handled what it has acknowledged, and what it
//! had received when it last could do no more.

use super::{
    Connection, End, Endpoint, MAX_WINDOW,
    breach::Fault,
    peer_settings::{DEFAULT_TABLE, invalid_value},
    receive::misplaced,
};
use crate::{
    http2::{ErrorCode, Frame, FrameType, SettingId, StreamId, View, flags, hpack::size_updates},
    rfc9113::{
        clauses::Clause,
        field_block::{FieldBlocks, Message},
        stream::{ClosedBy, Stream},
    },
};

/// The client's conduct so far.
pub(crate) struct Conduct {
    /// Whether the client has ended the connection, or cannot write to it.
    pub is_gone: bool,
    /// The number of the peer's frames that the client has surely handled.
    pub(super) handled: usize,
    /// The number of the client's frames.
    pub(super) frames: usize,
    /// The size of the client's dynamic table, and the smallest that the peer has allowed since its last field block.
    table: u32,
    smallest_table: u32,
    /// The last stream of the last GOAWAY frame that it sent.
    pub(super) goaway: Option<StreamId>,
    /// The payloads of the peer's PING frames that are not answered.
    pub(super) pings: Vec<[u8; 8]>,
    /// The field block that the client has begun.
    block: Option<Begun>,
    pub(super) blocks: FieldBlocks,
}

/// A field block that the client has begun.
struct Begun {
    stream: StreamId,
    /// Whether it opens the stream: it is not that of trailers.
    opens: bool,
    fragments: Vec<u8>,
}

impl Default for Conduct {
    fn default() -> Conduct {
        Conduct {
            is_gone: false,
            handled: 0,
            frames: 0,
            table: DEFAULT_TABLE,
            smallest_table: u32::MAX,
            goaway: None,
            pings: Vec::new(),
            block: None,
            blocks: FieldBlocks::written_by_judged(Message::ExtendedRequest),
        }
    }
}

impl Connection<'_> {
    fn prohibit(&mut self, forbidden: bool, clause: Clause, frame: &Frame, what: &str) {
        if forbidden {
            self.breach(Fault::Prohibited, clause, frame.stream, || format!("{} {what}", frame.kind));
        }
    }

    /// Judges the client's next frame, before its effect.
    pub(super) fn hold_to_the_rules(&mut self, frame: &Frame, view: &View<'_>) {
        let is_ack = frame.has(flags::ACK);
        let is_settings = frame.kind == FrameType::SETTINGS && !is_ack;
        self.meet(Clause::ClientPush);
        let is_client = self.judged == Endpoint::Client;
        let preface = if is_client { Clause::ClientPreface } else { Clause::ServerPreface };
        self.prohibit(self.conduct.frames == 0 && !is_settings, preface, frame, "is the first frame");
        let promises = frame.kind == FrameType::PUSH_PROMISE;
        self.prohibit(is_client && promises, Clause::ClientPush, frame, "promises a stream");
        if let Some(clause) = misplaced(frame) {
            self.prohibit(true, clause, frame, "is on the wrong stream");
        }
        self.prohibit(*view == View::Malformed, Clause::FrameSize, frame, "does not fit its layout");
        self.hold_to_contiguous_blocks(frame, view);
        // What the client may send depends on frames that it should not have read.
        if self.end.is_none() {
            self.hold_to_limits(frame);
        }
        match view {
            View::Data(content) => {
                self.meet(Clause::FrameSizeLimit);
                self.meet(Clause::WithinWindow);
                self.hold_content(frame.stream, content, frame.ends_stream());
            }
            View::Settings(_) if is_ack => self.acknowledge(frame),
            View::Settings(settings) => self.hold_settings(frame, settings),
            View::Ping(payload) if is_ack => self.hold_answer(frame, *payload),
            View::GoAway { last_stream_id, code, .. } => self.hold_goaway(frame, *last_stream_id, *code),
            View::RstStream(code) => self.hold_rst_stream(frame, *code),
            View::WindowUpdate(increment) => self.hold_window_update(frame, i64::from(*increment)),
            _ => {}
        }
        self.conduct.frames += 1;
    }

    /// §6.5.2.
    fn hold_settings(&mut self, frame: &Frame, settings: &[(SettingId, u32)]) {
        self.meet(Clause::ClientPreface);
        for clause in settings.iter().filter_map(|(id, value)| invalid_value(*id, *value)) {
            self.prohibit(true, clause, frame, "has a value out of range");
        }
    }

    /// §6.7.
    fn hold_answer(&mut self, frame: &Frame, payload: [u8; 8]) {
        self.meet(Clause::PingAnswered);
        match self.conduct.pings.iter().position(|ping| *ping == payload) {
            Some(place) => drop(self.conduct.pings.remove(place)),
            None => self.prohibit(self.end.is_none(), Clause::PingAnswered, frame, "answers no PING"),
        }
    }

    /// §4.3: nothing comes between the frames of a field block.
    fn hold_to_contiguous_blocks(&mut self, frame: &Frame, view: &View<'_>) {
        let open = self.conduct.block.take();
        let fits = match &open {
            Some(begun) => frame.kind == FrameType::CONTINUATION && begun.stream == frame.stream,
            None => frame.kind != FrameType::CONTINUATION,
        };
        self.prohibit(!fits, Clause::FieldBlock, frame, "breaks a field block");
        let (View::Headers(fragment) | View::Continuation(fragment)) = view else { return };
        self.meet(Clause::FieldBlock);
        let mut begun = open.unwrap_or_else(|| {
            let opens = frame.stream > self.highest_opened;
            Begun { stream: frame.stream, opens, fragments: Vec::new() }
        });
        begun.fragments.extend_from_slice(fragment);
        if !frame.has(flags::END_HEADERS) {
            self.conduct.block = Some(begun);
            return;
        }
        self.hold_to_table_size(frame, &begun.fragments);
        match self.conduct.blocks.read(&begun.fragments) {
            Ok(section) if self.judged == Endpoint::Server => self.hold_response(frame, &section),
            Ok(section) if begun.opens => self.hold_request(frame, &section),
            Ok(section) => self.hold_trailers(frame, &section),
            Err(_) => self.prohibit(true, Clause::Decompression, frame, "has a field block that does not decode"),
        }
    }

    /// §4.3.1.
    fn hold_to_table_size(&mut self, frame: &Frame, block: &[u8]) {
        let updates = size_updates(block);
        let limit = self.peer_settings.largest(|settings| settings.table) as usize;
        let conduct = &mut self.conduct;
        let smallest = std::mem::replace(&mut conduct.smallest_table, u32::MAX) as usize;
        let is_reduced = smallest < conduct.table as usize;
        if let Some(last) = updates.last() {
            conduct.table = u32::try_from(*last).unwrap_or(u32::MAX);
        }
        self.meet_if(is_reduced, Clause::TableSizeReduced);
        if self.end.is_none() {
            let is_said = updates.iter().any(|size| *size <= smallest);
            let exceeds = updates.iter().any(|size| *size > limit);
            self.prohibit(is_reduced && !is_said, Clause::TableSizeReduced, frame, "does not reduce the dynamic table");
            self.prohibit(exceeds, Clause::TableSizeReduced, frame, "has a dynamic table above the limit");
        }
    }

    /// The peer's limits, and the states of streams.
    fn hold_to_limits(&mut self, frame: &Frame) {
        let max_frame_size = self.peer_settings.largest(|settings| settings.max_frame_size);
        let too_long = frame.payload.len() > max_frame_size as usize;
        self.prohibit(too_long, Clause::FrameSizeLimit, frame, "is longer than the peer allows");
        if frame.stream.is_connection() || frame.kind == FrameType::PRIORITY {
            return;
        }
        if frame.stream > self.highest_opened {
            let clause = match frame.kind {
                FrameType::HEADERS if self.judged == Endpoint::Client => return self.hold_new_stream(frame),
                FrameType::RST_STREAM => Clause::ResetNotOnIdle,
                _ => Clause::OnIdle,
            };
            let is_idle = self.judged == Endpoint::Server || frame.stream.is_client_initiated();
            return self.prohibit(is_idle, clause, frame, "is on an idle stream");
        }
        let Some(place) = self.streams.iter().position(|stream| stream.id == frame.stream) else {
            let opens = frame.kind == FrameType::HEADERS;
            return match self.judged {
                Endpoint::Client => {
                    self.prohibit(opens, Clause::GreaterIdentifiers, frame, "opens a stream below another")
                }
                Endpoint::Server => self.prohibit(opens, Clause::SentOnClosed, frame, "is on a closed stream"),
            };
        };
        if !self.streams[place].uncertain {
            self.hold_to_state(place, frame);
        }
        if frame.kind == FrameType::DATA {
            let room = self.send_window.min(self.streams[place].send_window + self.peer_settings.window_slack());
            let beyond = !frame.payload.is_empty() && frame.payload.len() as i64 > room;
            self.prohibit(beyond, Clause::WithinWindow, frame, "exceeds the window");
        }
    }

    /// §5.1.
    fn hold_to_state(&mut self, place: usize, frame: &Frame) {
        let stream = &self.streams[place];
        let handled = |index: usize| index < self.conduct.handled;
        let by_peer = matches!(stream.closed_by, Some(ClosedBy::Peer { frame }) if handled(frame));
        let (reset, ended) = (stream.client_reset.is_some(), stream.local_ended);
        let may_answer = stream.erred || stream.is_late;
        let complete = stream.complete_at.is_some_and(handled) && ended;
        let (is_reset, carries) =
            (frame.kind == FrameType::RST_STREAM, matches!(frame.kind, FrameType::DATA | FrameType::HEADERS));
        let half_closed = ended && !stream.remote_ended;
        self.meet_if(half_closed, Clause::SentOnHalfClosed);
        self.prohibit(carries && ended, Clause::SentOnHalfClosed, frame, "follows END_STREAM");
        self.prohibit(reset && !is_reset, Clause::LastFrame, frame, "follows the RST_STREAM of its sender");
        self.prohibit(by_peer && !is_reset, Clause::NothingAfterReset, frame, "follows the peer's RST_STREAM");
        self.prohibit(
            by_peer && is_reset && !may_answer,
            Clause::NoResetForReset,
            frame,
            "answers the peer's RST_STREAM",
        );
        self.prohibit(complete && !(is_reset && may_answer), Clause::SentOnClosed, frame, "is on a closed stream");
    }

    /// §5.1.1, §5.1.2, §6.8.
    fn hold_new_stream(&mut self, frame: &Frame) {
        let goaway = self.goaway.is_some_and(|(index, _)| index < self.conduct.handled);
        let open = |stream: &&Stream| stream.is_active() && !stream.may_have_ended && !stream.uncertain;
        let active = self.streams.iter().filter(open).count();
        let limit = self.peer_settings.largest(|settings| settings.stream_limit.unwrap_or(u32::MAX));
        let exceeds = active >= limit as usize;
        self.prohibit(!frame.stream.is_client_initiated(), Clause::OddIdentifiers, frame, "has an even identifier");
        self.prohibit(goaway, Clause::NoNewStreams, frame, "opens a stream after the peer's GOAWAY");
        self.prohibit(exceeds, Clause::StreamLimit, frame, "opens a stream above the peer's limit");
    }

    /// §6.9, §6.9.1.
    fn hold_window_update(&mut self, frame: &Frame, increment: i64) {
        self.meet(Clause::IncrementRange);
        self.meet(Clause::WindowMaximum);
        if self.end.is_some() {
            return;
        }
        self.prohibit(increment == 0, Clause::IncrementRange, frame, "has an increment of 0");
        let window = match frame.stream.is_connection() {
            true => Some(self.receive_window),
            false => self.streams.iter().find(|stream| stream.id == frame.stream).map(|stream| stream.receive_window),
        };
        let beyond = window.is_some_and(|window| window + increment > MAX_WINDOW);
        self.prohibit(beyond, Clause::WindowMaximum, frame, "makes a window too large");
    }

    /// §6.5.3.
    fn acknowledge(&mut self, frame: &Frame) {
        self.meet(Clause::Acknowledged);
        match self.peer_settings.acknowledge() {
            Some(table) => self.conduct.smallest_table = self.conduct.smallest_table.min(table),
            None => self.prohibit(self.end.is_none(), Clause::Acknowledged, frame, "acknowledges no SETTINGS"),
        }
    }

    /// §6.8.
    fn hold_goaway(&mut self, frame: &Frame, last_stream_id: StreamId, code: ErrorCode) {
        self.meet(Clause::GoawayIdentifier);
        if self.judged == Endpoint::Server {
            self.hold_goaway_of_server(frame, last_stream_id, code);
        }
        let is_known = self.judged == Endpoint::Server || last_stream_id <= self.highest_promised;
        self.prohibit(!is_known, Clause::GoawayIdentifier, frame, "names a stream that the peer never opened");
        if code == ErrorCode::NO_ERROR {
            return;
        }
        match self.end {
            // The length of the next frame is another error that a client may report (§5.4).
            Some(End::Broken { .. }) if self.has_begun() && code == ErrorCode::FRAME_SIZE_ERROR => {}
            Some(End::Broken { clause, .. }) if !self.may_have_ended => self.hold_code(frame, code, clause),
            None if !self.may_end() => self.hold_reason(frame, code, Clause::EndAtAnyTime),
            _ => {}
        }
        self.conduct.is_gone = true;
    }

    /// Whether something may give the client a reason to end the connection: a frame that RFC 9113 leaves to it, a stream
    /// that it may treat as if it had never been (§6.8), or a peer that does not answer.
    pub(super) fn may_end(&self) -> bool {
        self.is_left_open() || self.streams.iter().any(Stream::is_left_to_the_client)
    }

    /// §5.4.2.
    fn hold_rst_stream(&mut self, frame: &Frame, code: ErrorCode) {
        self.meet(Clause::ResetNotOnIdle);
        let Some(stream) = self.streams.iter().find(|stream| stream.id == frame.stream) else { return };
        if self.end.is_some() || self.has_begun() || stream.is_left_to_the_client() {
            return;
        }
        let is_cancelled = stream.request.is_some_and(|number| self.is_cancelled(number));
        let is_over = stream.erred || stream.remote_ended || self.content_fails(stream.request);
        if is_cancelled {
            self.met.insert(Clause::CancelCode);
            // The stream is no longer needed, whatever else is wrong with it (§5.4).
            if [ErrorCode::CANCEL, ErrorCode::NO_ERROR, ErrorCode::INTERNAL_ERROR].contains(&code) {
                return;
            }
        }
        match stream.closed_by {
            // A client may report any of several errors (§5.4), and what follows an error on a closed stream is another.
            Some(ClosedBy::Error { .. }) if stream.is_late && code == ErrorCode::STREAM_CLOSED => {}
            Some(ClosedBy::Error { clause, .. }) => self.hold_code(frame, code, clause),
            None if !is_over && is_cancelled => self.hold_reason(frame, code, Clause::CancelCode),
            None if !is_over => self.hold_reason(frame, code, Clause::ResetOnStreamError),
            _ => {}
        }
    }

    /// An error has a reason. One that the peer asks too much is for the client to judge.
    fn hold_reason(&mut self, frame: &Frame, code: ErrorCode, clause: Clause) {
        if code != ErrorCode::ENHANCE_YOUR_CALM {
            let what = || format!("{} {code}, although nothing is wrong", frame.kind);
            self.breach(Fault::Reasonless, clause, frame.stream, what);
        }
    }

    /// §7: the code that the clause names, or a generic one.
    fn hold_code(&mut self, frame: &Frame, code: ErrorCode, clause: Clause) {
        let right = clause.code();
        if ![right, ErrorCode::PROTOCOL_ERROR, ErrorCode::INTERNAL_ERROR].contains(&code) {
            let what = || format!("{} has the code {code}, but the error is a {right}", frame.kind);
            self.breach(Fault::Code, clause, frame.stream, what);
        }
    }
}
