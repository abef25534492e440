//! Everything that crossed the transport, as lines for all reports of an exchange.

use crate::{
    http2::{
        Frame, View, WithFields, flags,
        hpack::BlockReader,
        wire::{self, PREFACE},
    },
    peer::{Event, Record},
    rfc9113::Breach,
    script::{Script, Step},
    vocabulary::StackName,
};
use bytes::Bytes;
use std::net::{IpAddr, SocketAddr};

/// Everything that crossed the transport, one line per event; repeated lines are counted.
pub fn lines(record: &Record, script: &Script) -> Vec<String> {
    lines_with_breaches(record, script, &[]).0
}

/// The same for each connection of a client; what crossed a later one has a heading.
pub fn lines_of_connections<'r>(records: impl Iterator<Item = &'r Record>, script: &Script) -> Vec<String> {
    let connections = records.zip(1..).flat_map(|(record, number)| {
        let heading = (number > 1).then(|| format!("connection {number}"));
        heading.into_iter().chain(lines(record, script))
    });
    connections.collect()
}

/// The same, and for each breach the number of lines down to its frame, or to the end of its step if a frame is missing.
/// A frame with a breach is the last of those that are counted together.
pub fn lines_with_breaches(record: &Record, script: &Script, breaches: &[Breach]) -> (Vec<String>, Vec<usize>) {
    let mut timeline = Timeline::new(record, "<-", "->");
    (timeline.breaches, timeline.places) = (breaches, vec![None; breaches.len()]);
    if record.written.starts_with(PREFACE) {
        timeline.line("->", "connection preface".into());
    }
    timeline.finish(script)
}

/// The same for a server stack, whose peer is a client: `->` still marks the client's lines.
pub fn lines_of_server(record: &Record, script: &Script) -> Vec<String> {
    let mut timeline = Timeline::new(record, "->", "<-");
    timeline.of_client = Some(BlockReader::default());
    if record.sent.starts_with(PREFACE) {
        timeline.line("->", "connection preface".into());
        timeline.read = PREFACE.len();
    }
    timeline.finish(script).0
}

/// Merges two exchanges: each line, with its stack if only one has it.
pub fn merged<'line>(legacy: &'line [String], modern: &'line [String]) -> Vec<(Option<StackName>, &'line str)> {
    let mut merged = Vec::with_capacity(legacy.len());
    for part in similar::capture_diff_slices(similar::Algorithm::Myers, legacy, modern) {
        let (tag, of_legacy, of_modern) = part.as_tag_tuple();
        let mut add = |stack, lines: &'line [String]| merged.extend(lines.iter().map(|line| (stack, line.as_str())));
        if tag == similar::DiffTag::Equal {
            add(None, &legacy[of_legacy]);
        } else {
            add(Some(StackName::Legacy), &legacy[of_legacy]);
            add(Some(StackName::Modern), &modern[of_modern]);
        }
    }
    merged
}

struct Timeline<'record> {
    record: &'record Record,
    /// The marks of the peer's lines and the stack's lines.
    marks: [&'static str; 2],
    blocks: BlockReader,
    /// Reads the field blocks of a peer that is a client.
    of_client: Option<BlockReader>,
    /// The number of the peer's bytes that the lines cover so far.
    read: usize,
    /// The number of the client's frames that the lines cover so far.
    written: usize,
    breaches: &'record [Breach],
    /// The number of lines above each breach; none for a breach that has no place yet.
    places: Vec<Option<usize>>,
    lines: Vec<String>,
}

impl<'record> Timeline<'record> {
    fn new(record: &'record Record, peer: &'static str, stack: &'static str) -> Timeline<'record> {
        Timeline {
            record,
            marks: [peer, stack],
            blocks: BlockReader::default(),
            of_client: None,
            read: 0,
            written: 0,
            breaches: &[],
            places: Vec::new(),
            lines: Vec::new(),
        }
    }

    /// The lines of all events, and the place of each breach.
    fn finish(mut self, script: &Script) -> (Vec<String>, Vec<usize>) {
        self.record.events.iter().for_each(|event| self.event(event, script));
        self.rest();
        self.place(|breach| breach.frame.is_none());
        let places: Vec<_> = self.places.into_iter().map(Option::unwrap_or_default).collect();
        counted(&self.lines, &places)
    }

    fn line(&mut self, mark: &str, text: String) {
        self.lines.push(format!("{mark} {text}"));
    }

    /// Places these breaches below the last line, except those that have a place.
    fn place(&mut self, is_here: impl Fn(&Breach) -> bool) {
        for (breach, place) in self.breaches.iter().zip(&mut self.places) {
            if place.is_none() && is_here(breach) {
                *place = Some(self.lines.len());
            }
        }
    }

    fn event(&mut self, event: &Event, script: &Script) {
        let [peer, stack] = self.marks;
        match event {
            Event::Sent(place) => self.sent(place.end),
            Event::Written(place) => {
                if let Some(frame) = self.record.client_frame(place.clone()) {
                    let text = client_frame(&frame, &mut self.blocks);
                    self.line(stack, text);
                    let number = self.written;
                    self.place(|breach| breach.frame == Some(number));
                    self.written += 1;
                }
            }
            // Every script has a request, but a server issues none.
            Event::Issued(_) if self.of_client.is_some() => {}
            Event::Issued(number) => {
                let method = script.requests().nth(*number).map(|request| request.method());
                self.line(" *", format!("request {number} issued: {}", method.map_or("", |method| method.name())));
            }
            Event::Head(number) => self.line(" *", format!("request {number} has the head of its response")),
            Event::Ended(number) => self.line(" *", format!("request {number} ended")),
            Event::Cancelled(number) => self.line(" *", format!("the application cancels request {number}")),
            Event::Reads(number, bytes) => {
                self.line(" *", format!("the application reads {bytes} more bytes of request {number}"));
            }
            Event::Closed => {
                self.rest();
                self.line(peer, "end of stream".into());
            }
            Event::ReadFailed(failure) => self.line(" *", format!("the client's read fails: {failure}")),
            Event::WriteFailed(failure) => self.line(" *", format!("the client's write fails: {failure}")),
            Event::ClientClosed => self.line(stack, "end of stream".into()),
            Event::Fed(number, bytes, end) => {
                let end = if *end { ", and its end" } else { "" };
                self.line(" *", format!("the application hands over {bytes} more bytes of request {number}{end}"));
            }
            Event::ClientDropped => self.line(" *", "the application drops its client".into()),
            Event::Unmet(step) => match script.steps().get(*step) {
                Some(Step::Await { kind, stream }) => {
                    self.line(" *", format!("the peer awaited {kind} on stream {stream}: it never came"));
                }
                Some(Step::Never { kind, stream }) => {
                    self.line(" *", format!("{kind} on stream {stream} was never to come: it came"));
                }
                _ => {}
            },
            Event::Step(step) => self.place(|breach| breach.frame.is_none() && breach.step < Some(*step)),
            Event::Received(_) | Event::Rest | Event::ReadEnd => {}
        }
    }

    /// Adds the peer's frames that are complete with its bytes up to `end`.
    fn sent(&mut self, end: usize) {
        let mut bytes: Bytes = self.record.sent.slice(self.read.min(end)..end);
        while let Some(frame) = wire::decode(&mut bytes) {
            let text = self.peer_frame(&frame);
            self.line(self.marks[0], text);
        }
        self.read = end - bytes.len();
    }

    /// Field blocks of scripts do not refer to earlier blocks; those of clients do.
    fn peer_frame(&mut self, frame: &Frame) -> String {
        let (Some(blocks), View::Headers(block)) = (&mut self.of_client, frame.view()) else {
            return frame.to_string();
        };
        match blocks.read(block) {
            Ok(fields) => {
                let fields: Vec<_> = fields.into_iter().map(|(name, value)| (name, shortened(value))).collect();
                WithFields(frame, &fields).to_string()
            }
            Err(_) => frame.to_string(),
        }
    }

    fn rest(&mut self) {
        let left = self.record.sent.slice(self.read..);
        self.read = self.record.sent.len();
        if !left.is_empty() {
            let shown = left.slice(..left.len().min(24));
            let more = if shown.len() < left.len() { "…" } else { "" };
            let are = match left.len() {
                1 => "1 byte that is".to_owned(),
                length => format!("{length} bytes that are"),
            };
            self.line(self.marks[0], format!("{are} no whole frame: {}{more}", shown.escape_ascii()));
        }
    }
}

/// A frame of the stack as one line. Its field blocks refer to earlier ones, so they are read in order.
fn client_frame(frame: &Frame, blocks: &mut BlockReader) -> String {
    let View::Headers(block) = frame.view() else { return frame.to_string() };
    let Some(fields) = blocks.read(block).ok().filter(|_| frame.has(flags::END_HEADERS)) else {
        return frame.to_string();
    };
    // The system chooses the port of a peer on the loopback interface.
    let without_port = |value: String| {
        let peer = value.parse::<SocketAddr>().ok().map(|peer| peer.ip()).filter(IpAddr::is_loopback);
        peer.map_or(value, |ip| ip.to_string())
    };
    let fields: Vec<_> = fields.into_iter().map(|(name, value)| (name, without_port(value))).collect();
    WithFields(&Frame { flags: frame.flags & flags::END_STREAM, ..frame.clone() }, &fields).to_string()
}

/// The beginning of a long value.
fn shortened(value: String) -> String {
    const SHOWN: usize = 200;
    match value.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}… ({} bytes)", &value[..end], value.len()),
        None => value,
    }
}

/// Equal lines in a row as one, except across a breach, and the number of lines above each breach.
fn counted(lines: &[String], places: &[usize]) -> (Vec<String>, Vec<usize>) {
    let (mut counted, mut counted_places, mut above) = (Vec::new(), vec![0; places.len()], 0);
    let numbered: Vec<_> = (1..).zip(lines).collect();
    for same in numbered.chunk_by(|(number, one), (_, next)| one == next && !places.contains(number)) {
        let line = same[0].1;
        counted.push(if same.len() == 1 { line.clone() } else { format!("{line}  (× {})", same.len()) });
        above += same.len();
        let here = places.iter().zip(&mut counted_places).filter(|(place, _)| **place == above);
        here.for_each(|(_, counted_place)| *counted_place = counted.len());
    }
    (counted, counted_places)
}
