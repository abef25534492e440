//! The rules for what a client sends, frame by frame.
//!
//! The peer's frames and the client's cross on their way. A client is at fault only if no state between what it had
//! surely handled and what it had received permits its frame. It has surely handled what it has acknowledged, and what it
//! had received when it last could do no more.

use super::{Connection, End, MAX_WINDOW, MIN_MAX_FRAME_SIZE, receive::misplaced};
use crate::{
    http2::{ErrorCode, Frame, FrameType, SettingId, StreamId, View, flags},
    rfc9113::{
        clauses::Clause,
        field_block::{FieldBlocks, Message},
        stream::{ClosedBy, Stream},
    },
};
use std::collections::VecDeque;

/// Something that a client did, or failed to do, against the rules.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Breach {
    /// The kind.
    pub fault: Fault,
    /// The rule.
    pub clause: Clause,
    /// The client's frame, counted from its first; none if a frame is missing.
    pub frame: Option<usize>,
    /// The last step that had begun.
    pub step: Option<usize>,
    /// The number of the request that it concerns; none if it concerns the connection.
    pub request: Option<usize>,
    /// What is wrong, in a few words.
    pub what: String,
    stream: StreamId,
}

/// The kinds of breaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// A frame that must not be sent.
    Prohibited,
    /// A frame that is due and was not sent, although the client could do no more.
    Owed,
    /// An error code that does not say what is wrong.
    Code,
    /// A request that is not what the application gave.
    Altered,
    /// An end of a stream or of the connection for which nothing gave a reason.
    Reasonless,
    /// Something that could go on, and does not.
    Stuck,
}

/// The client's conduct so far, and what it owes.
pub(crate) struct Conduct {
    pub breaches: Vec<Breach>,
    /// The last step that has begun.
    pub step: Option<usize>,
    /// Whether the client has ended the connection, or cannot write to it.
    pub is_gone: bool,
    /// Whether the length of a frame has arrived that has not arrived whole.
    pub has_length: bool,
    /// The number of the peer's frames that the client has surely handled.
    pub(super) handled: usize,
    /// The number of the client's frames.
    frames: usize,
    /// The values that the peer's SETTINGS frames gave, in order: that in force, and those not acknowledged.
    pub(super) settings: VecDeque<PeerSettings>,
    /// The smallest table size since the client's last field block, and the size of its table.
    smallest_table: u32,
    table: u32,
    /// The payloads of the peer's PING frames that are not answered.
    pub(super) pings: Vec<[u8; 8]>,
    block: Option<(StreamId, Vec<u8>)>,
    blocks: FieldBlocks,
}

/// The settings of the peer that bind the client.
#[derive(Clone, Copy, Debug)]
pub(super) struct PeerSettings {
    max_frame_size: u32,
    stream_limit: Option<u32>,
    initial_window: i64,
    /// The size of the table, and the smallest value on the way to it.
    table: u32,
    smallest_table: u32,
}

/// The table size until the peer sets another (§6.5.2).
const DEFAULT_TABLE: u32 = 4_096;

impl Default for Conduct {
    fn default() -> Conduct {
        let settings = PeerSettings {
            max_frame_size: MIN_MAX_FRAME_SIZE,
            stream_limit: None,
            initial_window: super::INITIAL_WINDOW,
            table: DEFAULT_TABLE,
            smallest_table: DEFAULT_TABLE,
        };
        Conduct {
            breaches: Vec::new(),
            step: None,
            is_gone: false,
            has_length: false,
            handled: 0,
            frames: 0,
            settings: [settings].into(),
            smallest_table: DEFAULT_TABLE,
            table: DEFAULT_TABLE,
            pings: Vec::new(),
            block: None,
            blocks: FieldBlocks::of(Message::Request),
        }
    }
}

impl Conduct {
    /// Takes SETTINGS of the peer.
    pub(super) fn settings(&mut self, settings: &[(SettingId, u32)]) {
        let Some(last) = self.settings.back() else { return };
        let mut next = PeerSettings { smallest_table: u32::MAX, ..*last };
        for (id, value) in settings {
            match *id {
                SettingId::MAX_FRAME_SIZE => next.max_frame_size = *value,
                SettingId::MAX_CONCURRENT_STREAMS => next.stream_limit = Some(*value),
                SettingId::INITIAL_WINDOW_SIZE => next.initial_window = i64::from(*value),
                SettingId::HEADER_TABLE_SIZE => {
                    next.table = *value;
                    next.smallest_table = next.smallest_table.min(*value);
                }
                _ => {}
            }
        }
        self.settings.push_back(next);
    }

    /// How much larger a window may be than all received SETTINGS make it: some of them may not be in force yet.
    fn window_slack(&self) -> i64 {
        let initial = |settings: &PeerSettings| settings.initial_window;
        let largest = self.settings.iter().map(initial).max().unwrap_or_default();
        largest - self.settings.back().map_or(0, initial)
    }

    fn max_frame_size(&self) -> u32 {
        self.settings.iter().map(|settings| settings.max_frame_size).max().unwrap_or(MIN_MAX_FRAME_SIZE)
    }

    /// The largest limit that may be in force; `None` for no limit.
    fn stream_limit(&self) -> Option<u32> {
        let limits: Option<Vec<u32>> = self.settings.iter().map(|settings| settings.stream_limit).collect();
        limits?.into_iter().max()
    }
}

impl Connection<'_> {
    /// Records a breach, unless the same is known of the stream.
    pub(super) fn breach(&mut self, fault: Fault, clause: Clause, stream: StreamId, what: impl Into<String>) {
        let request = self.streams.iter().find(|known| known.id == stream).and_then(|stream| stream.request);
        let conduct = &mut self.conduct;
        let known = |breach: &Breach| (breach.fault, breach.clause, breach.stream) == (fault, clause, stream);
        if !conduct.breaches.iter().any(known) {
            let missing = matches!(fault, Fault::Owed | Fault::Stuck);
            let (frame, step) = ((!missing).then_some(conduct.frames), conduct.step);
            conduct.breaches.push(Breach { fault, clause, frame, step, request, what: what.into(), stream });
        }
    }

    fn prohibit(&mut self, forbidden: bool, clause: Clause, frame: &Frame, what: &str) {
        if forbidden {
            self.breach(Fault::Prohibited, clause, frame.stream, format!("{} {what}", frame.kind));
        }
    }

    /// Judges the client's next frame, before its effect.
    pub(super) fn hold_to_the_rules(&mut self, frame: &Frame) {
        self.meet_rules(frame);
        let is_settings = frame.kind == FrameType::SETTINGS && !frame.has(flags::ACK);
        self.prohibit(self.conduct.frames == 0 && !is_settings, Clause::ClientPreface, frame, "is the first frame");
        self.prohibit(frame.kind == FrameType::PUSH_PROMISE, Clause::ClientPush, frame, "promises a stream");
        if let Some(clause) = misplaced(frame) {
            self.prohibit(true, clause, frame, "is on the wrong stream");
        }
        self.prohibit(frame.view() == View::Malformed, Clause::FrameSize, frame, "does not fit its layout");
        self.hold_to_contiguous_blocks(frame);
        // What the client may send depends on frames that it should not have read.
        if self.end.is_none() {
            self.hold_to_limits(frame);
        }
        match frame.view() {
            View::Settings(_) if frame.has(flags::ACK) => self.acknowledge(frame),
            View::Ping(payload) if frame.has(flags::ACK) => {
                let known = self.conduct.pings.iter().position(|ping| *ping == payload);
                match known {
                    Some(place) => drop(self.conduct.pings.remove(place)),
                    None => self.prohibit(self.end.is_none(), Clause::PingAnswered, frame, "answers no PING"),
                }
            }
            View::Settings(settings) => {
                for (id, value) in settings {
                    let wrong = match id {
                        SettingId::ENABLE_PUSH => value > 1,
                        SettingId::INITIAL_WINDOW_SIZE => i64::from(value) > MAX_WINDOW,
                        SettingId::MAX_FRAME_SIZE => !(MIN_MAX_FRAME_SIZE..=0x00ff_ffff).contains(&value),
                        _ => false,
                    };
                    self.prohibit(wrong, Clause::MaxFrameSizeValue, frame, "has a value out of range");
                }
            }
            View::GoAway { last_stream_id, code, .. } => self.hold_goaway(frame, last_stream_id, code),
            View::RstStream(code) => self.hold_rst_stream(frame, code),
            _ => {}
        }
        self.conduct.frames += 1;
    }

    /// The rules that apply to a frame like this.
    fn meet_rules(&mut self, frame: &Frame) {
        let ack = frame.has(flags::ACK);
        let rules: &[Clause] = match frame.view() {
            View::Data(_) => &[Clause::FrameSizeLimit, Clause::WithinWindow],
            View::Headers(_) => &[Clause::FrameSizeLimit, Clause::RequestPseudo, Clause::FieldBlock],
            View::RstStream(_) => &[Clause::ResetNotOnIdle],
            View::Settings(_) if ack => &[Clause::Acknowledged],
            View::Settings(_) => &[Clause::ClientPreface],
            View::Ping(_) if ack => &[Clause::PingAnswered],
            View::GoAway { .. } => &[Clause::GoawayIdentifier],
            View::WindowUpdate(_) => &[Clause::IncrementRange, Clause::WindowMaximum],
            _ => &[],
        };
        rules.iter().for_each(|rule| self.meet(*rule));
        let half_closed = |stream: &Stream| stream.id == frame.stream && stream.local_ended && !stream.remote_ended;
        self.meet_if(self.streams.iter().any(half_closed), Clause::SentOnHalfClosed);
        self.meet_if(self.conduct.smallest_table < self.conduct.table, Clause::TableSizeReduced);
    }

    /// §4.3: nothing comes between the frames of a field block.
    fn hold_to_contiguous_blocks(&mut self, frame: &Frame) {
        let open = self.conduct.block.take();
        let fits = match &open {
            Some((stream, _)) => frame.kind == FrameType::CONTINUATION && *stream == frame.stream,
            None => frame.kind != FrameType::CONTINUATION,
        };
        self.prohibit(!fits, Clause::FieldBlock, frame, "breaks a field block");
        let (View::Headers(fragment) | View::Continuation(fragment)) = frame.view() else { return };
        let mut block = open.map(|(_, block)| block).unwrap_or_default();
        block.extend_from_slice(fragment);
        if !frame.has(flags::END_HEADERS) {
            self.conduct.block = Some((frame.stream, block));
            return;
        }
        self.hold_to_table_size(frame, &block);
        match self.conduct.blocks.read(&block) {
            Ok(section) => self.hold_request(frame, &section),
            Err(_) => self.prohibit(true, Clause::Decompression, frame, "has a field block that does not decode"),
        }
    }

    /// §4.3.1.
    fn hold_to_table_size(&mut self, frame: &Frame, block: &[u8]) {
        let updates = crate::http2::hpack::size_updates(block);
        let conduct = &mut self.conduct;
        let smallest = std::mem::replace(&mut conduct.smallest_table, u32::MAX) as usize;
        let reduced = smallest < conduct.table as usize;
        let signalled = updates.iter().any(|size| *size <= smallest);
        let limit = conduct.settings.iter().map(|settings| settings.table).max().unwrap_or(DEFAULT_TABLE);
        let exceeds = updates.iter().any(|size| *size > limit as usize);
        if let Some(last) = updates.last() {
            conduct.table = u32::try_from(*last).unwrap_or(u32::MAX);
        }
        if self.end.is_none() {
            self.prohibit(reduced && !signalled, Clause::TableSizeReduced, frame, "does not reduce the dynamic table");
            self.prohibit(exceeds, Clause::TableSizeReduced, frame, "has a dynamic table above the limit");
        }
    }

    /// The peer's limits, and the states of streams.
    fn hold_to_limits(&mut self, frame: &Frame) {
        let too_long = frame.payload.len() > self.conduct.max_frame_size() as usize;
        self.prohibit(too_long, Clause::FrameSizeLimit, frame, "is longer than the peer allows");
        if let View::WindowUpdate(increment) = frame.view() {
            self.hold_window_update(frame, i64::from(increment));
        }
        if frame.stream.is_connection() || frame.kind == FrameType::PRIORITY {
            return;
        }
        let idle = frame.stream > self.highest_opened;
        match (frame.kind, idle) {
            (FrameType::HEADERS, true) => return self.hold_new_stream(frame),
            (FrameType::RST_STREAM, true) => {
                return self.prohibit(
                    frame.stream.is_client_initiated(),
                    Clause::ResetNotOnIdle,
                    frame,
                    "is on an idle stream",
                );
            }
            (_, true) => {
                return self.prohibit(
                    frame.stream.is_client_initiated(),
                    Clause::OnIdle,
                    frame,
                    "is on an idle stream",
                );
            }
            (_, false) => {}
        }
        let Some(place) = self.streams.iter().position(|stream| stream.id == frame.stream) else { return };
        if !self.streams[place].uncertain {
            self.hold_to_state(place, frame);
        }
        if frame.kind == FrameType::DATA {
            let room = self.send_window.min(self.streams[place].send_window + self.conduct.window_slack());
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
        self.prohibit(carries && ended, Clause::SentOnHalfClosed, frame, "follows END_STREAM");
        self.prohibit(reset && !is_reset, Clause::LastFrame, frame, "follows the client's RST_STREAM");
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
        let exceeds = self.conduct.stream_limit().is_some_and(|limit| active >= limit as usize);
        self.prohibit(!frame.stream.is_client_initiated(), Clause::OddIdentifiers, frame, "has an even identifier");
        self.prohibit(goaway, Clause::NoNewStreams, frame, "opens a stream after the peer's GOAWAY");
        self.prohibit(exceeds, Clause::StreamLimit, frame, "opens a stream above the peer's limit");
    }

    /// §6.9, §6.9.1.
    fn hold_window_update(&mut self, frame: &Frame, increment: i64) {
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
        let conduct = &mut self.conduct;
        let known = conduct.settings.len() > 1;
        if known {
            conduct.settings.pop_front();
            let smallest = conduct.settings.front().map_or(u32::MAX, |settings| settings.smallest_table);
            conduct.smallest_table = conduct.smallest_table.min(smallest);
        }
        let surplus = !known && self.end.is_none();
        self.prohibit(surplus, Clause::Acknowledged, frame, "acknowledges no SETTINGS");
    }

    /// §6.8.
    fn hold_goaway(&mut self, frame: &Frame, last_stream_id: StreamId, code: ErrorCode) {
        let named = !last_stream_id.is_connection() && last_stream_id > self.highest_promised;
        self.prohibit(named, Clause::GoawayIdentifier, frame, "names a stream that the peer never opened");
        if code == ErrorCode::NO_ERROR {
            return;
        }
        match self.end {
            Some(End::Broken { clause, .. }) if !self.may_have_ended => {
                self.hold_code(frame, code, clause);
            }
            None if !self.may_end(code) => {
                let what = format!("GOAWAY {code}, although nothing is wrong");
                self.breach(Fault::Reasonless, Clause::EndAtAnyTime, frame.stream, what);
            }
            _ => {}
        }
        self.conduct.is_gone = true;
    }

    /// Whether the client may have a reason to end the connection with this code: a frame that RFC 9113 leaves to it, a
    /// stream that it may treat as if it had never been (§6.8), a peer that does not answer, or a load that is too much.
    fn may_end(&self, code: ErrorCode) -> bool {
        let is_open = |stream: &Stream| stream.disowned.is_some() || stream.may_have_ended || stream.uncertain;
        // A fault in a field block can be seen before its end.
        let is_left_open = self.may_have_ended || self.block.is_some() || self.streams.iter().any(is_open);
        is_left_open
            || self.conduct.has_length
            || !self.unanswered_pings.is_empty()
            || code == ErrorCode::ENHANCE_YOUR_CALM
    }

    /// §5.4.2: a RST_STREAM has a reason.
    fn hold_rst_stream(&mut self, frame: &Frame, code: ErrorCode) {
        let Some(stream) = self.streams.iter().find(|stream| stream.id == frame.stream) else { return };
        if self.end.is_some() || self.block.is_some() || stream.uncertain || stream.may_have_ended {
            return;
        }
        match stream.closed_by {
            Some(ClosedBy::Error { clause, .. }) => self.hold_code(frame, code, clause),
            None if !stream.erred
                && !stream.remote_ended
                && code != ErrorCode::ENHANCE_YOUR_CALM
                && !self.may_give_up(stream) =>
            {
                let what = format!("RST_STREAM {code}, although nothing is wrong");
                self.breach(Fault::Reasonless, Clause::ResetOnStreamError, frame.stream, what);
            }
            _ => {}
        }
    }

    /// §7: the code that the clause names, or a generic one.
    fn hold_code(&mut self, frame: &Frame, code: ErrorCode, clause: Clause) {
        let right = clause.code();
        if ![right, ErrorCode::PROTOCOL_ERROR, ErrorCode::INTERNAL_ERROR].contains(&code) {
            let what = format!("{} has the code {code}, but the error is a {right}", frame.kind);
            self.breach(Fault::Code, clause, frame.stream, what);
        }
    }
}
