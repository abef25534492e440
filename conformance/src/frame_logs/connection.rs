//! From the frames of a log to the scripts of its connections.

use super::{Line, LoggedConnection, Missing};
use crate::{
    http2::{ErrorCode, Frame, FrameType, StreamId, View, flags, hpack},
    peer::{Crossed, Record},
    script::{Body, BodyEnd, Method, Request, Script, Step},
};
use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

/// A connection of a log.
#[derive(Default)]
pub(super) struct Connection {
    lines: Vec<Line>,
    /// The streams that its requests were sent on, in the order in which they were.
    streams: Vec<StreamId>,
    /// The number of the request on each of them.
    numbers: BTreeMap<StreamId, usize>,
    /// Whether every byte of it is there, from the first on.
    is_whole: bool,
}

impl Connection {
    /// The connection of a capture with these lines.
    pub(super) fn captured(lines: Vec<Line>, is_whole: bool) -> Connection {
        let mut connection = Connection { is_whole, ..Connection::default() };
        lines.into_iter().for_each(|line| connection.add(line));
        connection
    }

    /// Whether a request was sent on it.
    pub(super) fn has_request(&self) -> bool {
        !self.streams.is_empty()
    }

    /// The connections of a log that have a request, and what the log does not have.
    pub(super) fn all(lines: Vec<Line>) -> (Vec<Connection>, BTreeSet<Missing>) {
        let mut connections: Vec<Connection> = Vec::new();
        let mut missing = BTreeSet::new();
        for line in lines {
            let of_connection = match &line.crossed {
                Crossed::Written(frame) if begins(frame) => {
                    connections.push(Connection::default());
                    None
                }
                Crossed::Written(frame) | Crossed::Received(frame) if frame.stream != StreamId::CONNECTION => {
                    let opens = opens(&line.crossed, frame);
                    connections.iter().rposition(|connection| connection.numbers.contains_key(&frame.stream) != opens)
                }
                _ => {
                    missing.extend((connections.len() > 1).then_some(Missing::Owner));
                    None
                }
            };
            if connections.is_empty() {
                connections.push(Connection::default());
                missing.insert(Missing::Beginning);
            }
            let newest = connections.len() - 1;
            connections[of_connection.unwrap_or(newest)].add(line);
        }
        connections.retain(Connection::has_request);
        for connection in &connections {
            connection.lacks(&mut missing);
        }
        (connections, missing)
    }

    fn add(&mut self, line: Line) {
        if !self.is_whole && self.is_of_an_earlier_stream(&line) {
            return;
        }
        if let Crossed::Written(frame) = &line.crossed
            && opens(&line.crossed, frame)
            && !self.numbers.contains_key(&frame.stream)
        {
            self.numbers.insert(frame.stream, self.streams.len());
            self.streams.push(frame.stream);
        }
        self.lines.push(line);
    }

    /// Whether it is about a stream of the client that was opened before the log began.
    fn is_of_an_earlier_stream(&self, line: &Line) -> bool {
        let (Crossed::Written(frame) | Crossed::Received(frame)) = &line.crossed else { return false };
        let is_open = opens(&line.crossed, frame) || self.numbers.contains_key(&frame.stream);
        let last = self.numbers.last_key_value().map(|(stream, _)| *stream);
        frame.stream.is_client_initiated() && !is_open && last.is_none_or(|last| frame.stream < last)
    }

    /// What its part of the log does not have.
    pub(super) fn lacks(&self, missing: &mut BTreeSet<Missing>) {
        missing.extend((!self.has_beginning()).then_some(Missing::Beginning));
        let ends =
            |line: &Line| matches!(line.crossed, Crossed::ReadFailed(_) | Crossed::ReadEnd | Crossed::ClientClosed);
        if !self.lines.iter().any(ends) {
            missing.insert(Missing::End);
        }
        let without_method = |line: &Line| {
            matches!(&line.crossed, Crossed::Written(frame) if frame.kind == FrameType::HEADERS) && !line.has_fields
        };
        missing.extend(self.lines.iter().any(without_method).then_some(Missing::Methods));
        let without_fields = |line: &Line| {
            matches!(&line.crossed, Crossed::Received(frame) if frame.kind == FrameType::HEADERS) && !line.has_fields
        };
        if self.lines.iter().any(without_fields) {
            missing.insert(Missing::Fields);
            let is_unclear = self.sections().values().any(|sections| is_unclear(sections));
            missing.extend(is_unclear.then_some(Missing::Informational));
        }
    }

    /// Whether the peer's SETTINGS, which it has to send first, are in the log (§3.4).
    fn has_beginning(&self) -> bool {
        self.is_whole || self.received().next().is_some_and(|(_, first)| first.kind == FrameType::SETTINGS)
    }

    /// The frames that the client received, each with the index of its line.
    fn received(&self) -> impl Iterator<Item = (usize, &Frame)> {
        self.lines.iter().enumerate().filter_map(|(index, line)| match &line.crossed {
            Crossed::Received(frame) => Some((index, frame)),
            _ => None,
        })
    }

    /// The sections of fields that the client received on each stream.
    fn sections(&self) -> BTreeMap<StreamId, Vec<Section>> {
        let mut sections: BTreeMap<_, Vec<Section>> = BTreeMap::new();
        for (line, frame) in self.received() {
            match frame.kind {
                FrameType::HEADERS => {
                    let section = Section { line, has_content: false, is_last: frame.ends_stream() };
                    sections.entry(frame.stream).or_default().push(section);
                }
                FrameType::DATA => {
                    let last = sections.get_mut(&frame.stream).and_then(|sections| sections.last_mut());
                    last.into_iter().for_each(|section| section.has_content = true);
                }
                _ => {}
            }
        }
        sections
    }

    /// The connection with the fields that its log does not have.
    pub(super) fn into_logged(mut self) -> LoggedConnection {
        if !self.has_beginning() {
            self.lines.insert(0, Line { crossed: Crossed::Received(Frame::settings([])), has_fields: false });
        }
        self.make_up();
        let script = self.script();
        LoggedConnection {
            record: Record::of(self.lines.into_iter().map(|line| line.crossed)),
            streams: self.streams,
            script,
        }
    }

    /// Puts fields into every frame whose fields the log does not have.
    fn make_up(&mut self) {
        let sections = self.sections();
        let faults = self.faults();
        let mut opened = 0;
        for (index, line) in self.lines.iter_mut().enumerate() {
            match &mut line.crossed {
                // The path names the request.
                Crossed::Written(frame)
                    if frame.kind == FrameType::HEADERS && self.streams.get(opened) == Some(&frame.stream) =>
                {
                    let known = method(frame).filter(|_| line.has_fields);
                    let method = known.unwrap_or(if frame.ends_stream() { Method::Get } else { Method::Post });
                    frame.payload = request_head(method, opened).into();
                    opened += 1;
                }
                Crossed::Written(frame) if frame.kind == FrameType::HEADERS => {
                    frame.payload = hpack::encode(TRAILERS).into();
                }
                Crossed::Received(frame) if faults.contains(&index) => {
                    // The log shows that the client took it for a fault of the stream.
                    frame.payload = hpack::encode([(":status", "200"), ("Logged", "as malformed")]).into();
                }
                Crossed::Received(frame) if !line.has_fields => {
                    let fields = made_up(index, frame, &sections);
                    fields.into_iter().for_each(|fields| frame.payload = fields.into());
                }
                _ => {}
            }
        }
    }

    /// The lines with the last head of each stream that the client has reset with an error (§5.4.2).
    fn faults(&self) -> BTreeSet<usize> {
        if self.is_whole {
            return BTreeSet::new();
        }
        let mut heads = BTreeMap::new();
        let mut faults = BTreeSet::new();
        for (index, line) in self.lines.iter().enumerate() {
            match &line.crossed {
                Crossed::Received(frame) if frame.kind == FrameType::HEADERS => {
                    heads.insert(frame.stream, index);
                }
                Crossed::Written(frame) if frame.view() == View::RstStream(ErrorCode::PROTOCOL_ERROR) => {
                    faults.extend(heads.get(&frame.stream));
                }
                _ => {}
            }
        }
        faults
    }

    fn script(&self) -> Script {
        let mut steps = Vec::new();
        let mut opened = 0;
        let contents = self.contents();
        // What the client sends shows that it had handled what it had received.
        let handled = |steps: &mut Vec<Step>| {
            if matches!(steps.last(), Some(Step::Send(_))) {
                steps.push(Step::Pass(0));
            }
        };
        for line in &self.lines {
            match &line.crossed {
                Crossed::Written(frame) => {
                    handled(&mut steps);
                    let number = self.numbers.get(&frame.stream).copied();
                    if opens(&line.crossed, frame) && number == Some(opened) {
                        let awaited = Step::awaits(FrameType::HEADERS, StreamId::of_request(opened));
                        steps.extend([Step::Request(request(frame, contents.get(&frame.stream))), awaited]);
                        opened += 1;
                    } else if let (View::RstStream(ErrorCode::CANCEL), Some(number)) = (frame.view(), number) {
                        steps.push(Step::Cancel(number as u32));
                    }
                }
                Crossed::Received(frame) => steps.push(Step::Send(self.in_script(frame.clone()))),
                Crossed::ReadFailed(failure) => steps.push(Step::FailRead(*failure)),
                Crossed::ReadEnd => steps.push(Step::Close),
                // What plays the script closes the connection on its own account.
                Crossed::ClientClosed => {}
            }
        }
        Script::new(steps)
    }

    /// The number of bytes of content that the client sent on each stream, and whether it ended the stream.
    fn contents(&self) -> BTreeMap<StreamId, (u32, bool)> {
        let mut contents: BTreeMap<_, (u32, bool)> = BTreeMap::new();
        for line in &self.lines {
            let Crossed::Written(frame) = &line.crossed else { continue };
            let (size, has_end) = contents.entry(frame.stream).or_default();
            if let View::Data(content) = frame.view() {
                *size = size.saturating_add(content.len() as u32);
            }
            *has_end |= frame.ends_stream();
        }
        contents
    }

    /// The same frame in the script, where the requests are on streams 1, 3, 5 and so on.
    fn in_script(&self, frame: Frame) -> Frame {
        let frame = match self.numbers.get(&frame.stream) {
            Some(number) => Frame { stream: StreamId::of_request(*number), ..frame },
            None => frame,
        };
        frame.with_last_stream_id(|last| match last {
            // It leaves all streams to the client to finish (§6.8).
            StreamId::MAX => StreamId::MAX,
            last => {
                let below = self.numbers.range(..=last).count();
                below.checked_sub(1).map_or(StreamId::CONNECTION, StreamId::of_request)
            }
        })
    }
}

/// Whether the client begins a connection with this frame: its SETTINGS (§3.4).
fn begins(frame: &Frame) -> bool {
    frame.kind == FrameType::SETTINGS && !frame.has(flags::ACK)
}

/// Whether a frame can open a stream of the client: HEADERS that it sends.
fn opens(crossed: &Crossed, frame: &Frame) -> bool {
    matches!(crossed, Crossed::Written(_)) && frame.kind == FrameType::HEADERS
}

/// The request with this head, and this content that was sent behind it.
fn request(head: &Frame, content: Option<&(u32, bool)>) -> Request {
    let request = Request::new(method(head).unwrap_or_default());
    if head.ends_stream() {
        return request;
    }
    let (size, has_end) = content.copied().unwrap_or_default();
    let end = if has_end { BodyEnd::Complete } else { BodyEnd::Never };
    request.with_body(Body::new(size.clamp(1, Body::MAX_SIZE), end))
}

/// The method of a request with this head, whose fields need no other block.
fn method(head: &Frame) -> Option<Method> {
    let View::Headers(block) = head.view() else { return None };
    let fields = hpack::decode(block)?;
    let (_, name) = fields.iter().find(|(name, _)| name == ":method")?;
    Method::ALL.into_iter().find(|method| method.name() == name)
}

/// The field block of a request with this number.
fn request_head(method: Method, number: usize) -> Vec<u8> {
    let path = format!("/{number}");
    hpack::encode([(":method", method.name()), (":scheme", "http"), (":authority", "peer.test"), (":path", &path)])
}

/// A section of fields that the client received: a head, or trailers.
struct Section {
    /// The line of its frame.
    line: usize,
    /// Whether content came before the next section.
    has_content: bool,
    /// Whether it ends the stream.
    is_last: bool,
}

/// The index of the head of the final response among the sections of a stream: the one behind which content comes, or else
/// the last that can be one. Those before it are informational, and those behind it trailers.
fn head(sections: &[Section]) -> usize {
    let last = sections.len() - 1;
    let has_content = sections.iter().position(|section| section.has_content);
    has_content.unwrap_or(if is_unclear(sections) { last - 1 } else { last })
}

/// Whether the last of several sections may be the head, or trailers behind a head without content.
fn is_unclear(sections: &[Section]) -> bool {
    let has_content = sections.iter().any(|section| section.has_content);
    sections.len() > 1 && !has_content && sections.last().is_some_and(|last| last.is_last)
}

/// Fields for a HEADERS or PUSH_PROMISE frame whose fields the log does not have.
fn made_up(line: usize, frame: &Frame, sections: &BTreeMap<StreamId, Vec<Section>>) -> Option<Vec<u8>> {
    match frame.kind {
        FrameType::HEADERS => {
            let sections = sections.get(&frame.stream)?;
            let place = sections.iter().position(|section| section.line == line)?;
            Some(match place.cmp(&head(sections)) {
                Ordering::Less => hpack::encode([(":status", "103")]),
                Ordering::Equal => hpack::encode([(":status", "200")]),
                Ordering::Greater => hpack::encode(TRAILERS),
            })
        }
        FrameType::PUSH_PROMISE => {
            let promised = frame.payload.get(..4)?.to_vec();
            let fields = [(":method", "GET"), (":scheme", "http"), (":authority", "peer.test"), (":path", "/pushed")];
            Some([promised, hpack::encode(fields)].concat())
        }
        _ => None,
    }
}

/// The field of trailers whose fields the log does not have.
const TRAILERS: [(&str, &str); 1] = [("logged", "trailers")];
