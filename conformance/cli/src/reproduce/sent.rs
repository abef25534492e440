//! What the peer sends, as Rust expressions with comments.

use conformance::{
    http2::{
        Frame,
        wire::{self, PREFACE},
    },
    report::layout::{count, shortened},
};

/// A run of equal bytes that is written as its length.
const SHORTEST_RUN: usize = 16;

/// What repeats, and frames that differ in nothing but their streams, are written as one from this number on.
pub(super) const SHORTEST_ROW: usize = 4;

/// What the peer sends in one step, and a comment on it.
#[derive(Clone, PartialEq)]
pub(super) struct Sent {
    expression: Expression,
    comment: String,
}

#[derive(Clone, PartialEq)]
enum Expression {
    /// A frame that `frame` makes: its type, flags, stream and payload.
    Frame(u8, u8, u32, String),
    /// Any bytes.
    Bytes(String),
}

/// A frame.
pub(super) fn sent(frame: &Frame) -> Sent {
    let mut bytes = Vec::new();
    wire::encode(frame, &mut bytes);
    let comment = one_line(&frame.to_string());
    let expression = match (frame.length, frame.reserved) {
        (None, false) => Expression::Frame(frame.kind.0, frame.flags, frame.stream.get(), literal(&frame.payload)),
        _ => Expression::Bytes(owned(&bytes)),
    };
    Sent { expression, comment }
}

/// Bytes that need not be a frame.
pub(super) fn raw(bytes: &[u8]) -> Sent {
    let comment = match bytes == PREFACE {
        true => "the connection preface".into(),
        false => count(bytes.len() as u64, "byte"),
    };
    Sent { expression: Expression::Bytes(owned(bytes)), comment }
}

/// The text without line breaks and the like.
pub(super) fn plain_comment(text: &str) -> String {
    let plain = |c: char| if c.is_control() { c.escape_debug().collect::<String>() } else { c.to_string() };
    text.chars().map(plain).collect()
}

/// The same, and not too long.
fn one_line(text: &str) -> String {
    shortened(&plain_comment(text))
}

/// The bytes as a slice.
fn literal(bytes: &[u8]) -> String {
    match &pieces(bytes)[..] {
        [] => "b\"\"".into(),
        [Piece::Text(text)] => text.clone(),
        [Piece::Run(run)] => format!("&{run}"),
        more => {
            let slices = more.iter().map(|piece| match piece {
                Piece::Text(text) => format!("&{text}[..]"),
                Piece::Run(run) => format!("&{run}"),
            });
            format!("&[{}].concat()", slices.collect::<Vec<_>>().join(", "))
        }
    }
}

/// The bytes as a vector.
fn owned(bytes: &[u8]) -> String {
    match literal(bytes) {
        built if built.starts_with('&') => built[1..].to_owned(),
        text => format!("{text}.to_vec()"),
    }
}

enum Piece {
    Text(String),
    Run(String),
}

/// The bytes as literals, with long runs of one byte as their length.
fn pieces(bytes: &[u8]) -> Vec<Piece> {
    let text = |bytes: &[u8]| format!("b\"{}\"", bytes.escape_ascii());
    let (mut pieces, mut begun) = (Vec::new(), Vec::new());
    for run in bytes.chunk_by(|one, next| one == next) {
        if run.len() < SHORTEST_RUN {
            begun.extend_from_slice(run);
            continue;
        }
        if !begun.is_empty() {
            pieces.push(Piece::Text(text(&std::mem::take(&mut begun))));
        }
        pieces.push(Piece::Run(format!("b\"{}\".repeat({})", run[0].escape_ascii(), digits(run.len() as u32))));
    }
    if !begun.is_empty() {
        pieces.push(Piece::Text(text(&begun)));
    }
    pieces
}

/// The number, with underscores as Rust writes them.
pub(super) fn digits(number: u32) -> String {
    let digits = number.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join("_")
}

/// The expressions of what is sent, each with its comment. What repeats, and frames on one stream after the other, become
/// one expression.
pub(super) fn rows(sent: &[Sent]) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    let mut at = 0;
    while at < sent.len() {
        let rest = &sent[at..];
        let streams = row_of_streams(rest);
        let (period, times) = (1..=4)
            .map(|period| (period, repeats(rest, period)))
            .find(|(_, times)| *times >= SHORTEST_ROW)
            .unwrap_or((1, 1));
        if streams >= SHORTEST_ROW && streams > period * times {
            rows.push(of_streams(&rest[..streams]));
            at += streams;
            continue;
        }
        let comments: Vec<&str> = rest[..period].iter().map(|sent| &*sent.comment).collect();
        let expressions: Vec<String> = rest[..period].iter().map(Sent::text).collect();
        rows.push(match (times, &expressions[..]) {
            (1, [one]) => (one.clone(), comments[0].to_owned()),
            (times, [one]) => {
                (format!("{one}.repeat({})", digits(times as u32)), format!("{times} times: {}", comments[0]))
            }
            (times, more) => (
                format!("[{}].concat().repeat({})", more.join(", "), digits(times as u32)),
                format!("{times} times: {}", comments.join("; ")),
            ),
        });
        at += period * times;
    }
    rows
}

/// How often the first `period` of these repeat.
fn repeats(sent: &[Sent], period: usize) -> usize {
    if sent.len() < period {
        return 0;
    }
    sent.chunks_exact(period).take_while(|chunk| *chunk == &sent[..period]).count()
}

/// The number of frames that differ from the first in nothing but their streams, each two above the one before.
fn row_of_streams(sent: &[Sent]) -> usize {
    let Expression::Frame(kind, flags, first, payload) = &sent[0].expression else { return 1 };
    let next = |(index, sent): &(usize, &Sent)| {
        let stream = first + 2 * *index as u32;
        sent.expression == Expression::Frame(*kind, *flags, stream, payload.clone())
    };
    sent.iter().enumerate().take_while(next).count()
}

fn of_streams(sent: &[Sent]) -> (String, String) {
    let (first, last) = (&sent[0], &sent[sent.len() - 1]);
    let (Expression::Frame(kind, flags, from, payload), Expression::Frame(_, _, to, _)) =
        (&first.expression, &last.expression)
    else {
        return (first.text(), first.comment.clone());
    };
    let frame = format!("frame({kind:#x}, {flags:#x}, stream, {payload})");
    let row = format!("({from}..={to}).step_by(2).flat_map(|stream| {frame}).collect::<Vec<_>>()");
    (row, format!("{}, and so on up to stream {to}", first.comment))
}

impl Sent {
    fn text(&self) -> String {
        match &self.expression {
            Expression::Frame(kind, flags, stream, payload) => {
                format!("frame({kind:#x}, {flags:#x}, {stream}, {payload})")
            }
            Expression::Bytes(bytes) => bytes.clone(),
        }
    }
}
