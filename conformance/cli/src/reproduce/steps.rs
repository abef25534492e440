//! The steps of a script as Rust statements.

use conformance::{
    http2::{
        Frame, FrameType, StreamId, flags,
        wire::{self, PREFACE},
    },
    peer::{Event, Record},
    report::layout::{count, shortened},
    script::{Body, BodyEnd, IoFailure, Request, Script, Step},
    vocabulary::StackName,
};
use std::fmt::Write;

/// The width of the lines of a program.
pub(super) const WIDTH: usize = 120;

/// The longest content of a DATA frame that is written out.
const LONGEST_SHOWN: usize = 24;

/// A run of equal bytes that is written as its length.
const SHORTEST_RUN: usize = 16;

/// Frames that differ in nothing but their streams are written as one from this number on.
const SHORTEST_ROW: usize = 4;

/// The same script, with dots in the place of long content, which is easier to write.
pub(super) fn plain(script: &Script) -> Script {
    let plain = |step: &Step| match step {
        Step::Send(frame) if frame.kind == FrameType::DATA && frame.payload.len() > LONGEST_SHOWN => {
            let mut payload = frame.payload.to_vec();
            let (from, padding) = match frame.has(flags::PADDED) {
                true => (1, usize::from(payload[0])),
                false => (0, 0),
            };
            let to = payload.len().saturating_sub(padding).max(from);
            payload[from..to].fill(b'.');
            Step::Send(Frame { payload: payload.into(), ..frame.clone() })
        }
        other => other.clone(),
    };
    Script::new(script.steps().iter().map(plain).collect())
}

/// The largest content that a client gives its stack in one piece.
const PIECE: u32 = 32 << 10;

/// How a program makes the content of requests.
pub(super) struct Contents {
    /// The name of the type.
    pub(super) name: &'static str,
    /// A value of the stack's own type without content, and the function that makes one from a text.
    usual: [&'static str; 2],
    /// The ways in which content of the program's own type ends; empty if it has no such type, because the content of all
    /// requests ends, and is one piece.
    ends: Vec<BodyEnd>,
}

impl Contents {
    /// The content of the requests of a script.
    pub(super) fn of(script: &Script, stack: StackName) -> Contents {
        let (name, usual) = match stack {
            StackName::Legacy => ("Body", ["Body::empty()", "Body::from"]),
            StackName::Modern => ("Full<Bytes>", ["Full::default()", "Full::from"]),
        };
        let bodies = || script.requests().map(Request::body);
        if bodies().all(|body| body.end() == BodyEnd::Complete && body.size() <= PIECE) {
            return Contents { name, usual, ends: Vec::new() };
        }
        let has = |end: &BodyEnd| bodies().any(|body| body.end() == *end);
        Contents { name: "Content", usual, ends: BodyEnd::ALL.into_iter().filter(has).collect() }
    }

    fn value(&self, body: Body) -> String {
        let text = format!("\".\".repeat({})", digits(body.size()));
        let bytes = if body.size() == 0 { "Bytes::new()".to_owned() } else { format!("{text}.into()") };
        match (&self.ends[..], body.size()) {
            ([], 0) => self.usual[0].to_owned(),
            ([], _) => format!("{}({text})", self.usual[1]),
            ([_], _) => format!("Content({bytes})"),
            _ => format!("Content({bytes}, {})", self.end(body.end())),
        }
    }

    /// The value that says how content ends, if it ends in several ways: of two, the first is `true`.
    fn end(&self, end: BodyEnd) -> &'static str {
        match (&self.ends[..], end) {
            ([first, _], end) => {
                if end == *first {
                    "true"
                } else {
                    "false"
                }
            }
            (_, BodyEnd::Complete) => "End::Complete",
            (_, BodyEnd::Never) => "End::Never",
            (_, BodyEnd::Fails) => "End::Fails",
        }
    }

    /// The program's own type; empty if it has none.
    pub(super) fn own(&self, stack: StackName) -> String {
        let arm = |end: BodyEnd| match end {
            BodyEnd::Complete => "Poll::Ready(None)",
            BodyEnd::Never => "Poll::Pending",
            BodyEnd::Fails => "Poll::Ready(Some(Err(io::Error::other(\"the content fails\"))))",
        };
        let piece = "self.0.split_to(size.min(32 << 10))";
        let (types, subject, arms) = match &self.ends[..] {
            [] => return String::new(),
            [end] => ("struct Content(Bytes);\n".to_owned(), "self.0.len()", vec![format!("0 => {}", arm(*end))]),
            ends => {
                let types = match ends {
                    [_, _] => "struct Content(Bytes, bool);\n".to_owned(),
                    _ => "struct Content(Bytes, End);\n\nenum End {\n    Complete,\n    Never,\n    Fails,\n}\n"
                        .to_owned(),
                };
                let arms = ends.iter().map(|end| format!("(0, {}) => {}", self.end(*end), arm(*end)));
                (
                    types,
                    if ends.len() == 2 { "(self.0.len(), self.1)" } else { "(self.0.len(), &self.1)" },
                    arms.collect(),
                )
            }
        };
        let (pattern, and_complete) = match &self.ends[..] {
            [_] => ("size", ""),
            [_, _] => ("(size, _)", " && self.1"),
            _ => ("(size, _)", " && matches!(self.1, End::Complete)"),
        };
        let (name, method, item, made) = match stack {
            StackName::Legacy => ("HttpBody", "poll_data", "Bytes", piece.to_owned()),
            StackName::Modern => ("Body", "poll_frame", "Frame<Bytes>", format!("Frame::data({piece})")),
        };
        let arms: String = arms.iter().map(|arm| format!("            {arm},\n")).collect();
        let mut text = format!(
            "\n/// A request's content, in pieces.\n{types}\nimpl {name} for Content {{\n    type Data = Bytes;\n    \
             type Error = io::Error;\n    \
             fn {method}(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<{item}>>> {{\n        \
             match {subject} {{\n{arms}            {pattern} => Poll::Ready(Some(Ok({made}))),\n        }}\n    }}\n"
        );
        if stack == StackName::Legacy {
            text += "\n    fn poll_trailers(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<Option<HeaderMap>>> {\n        \
                     Poll::Ready(Ok(None))\n    }\n";
        }
        // The last piece must end the stream, and so must a head without content.
        if self.ends.contains(&BodyEnd::Complete) {
            text +=
                &format!("\n    fn is_end_stream(&self) -> bool {{\n        self.0.is_empty(){and_complete}\n    }}\n");
        }
        text + "}\n"
    }
}

/// The statements of a script.
#[derive(Default)]
pub(super) struct Statements {
    /// The statements, each with its indentation.
    pub(super) text: String,
    /// The error of the client's writes, if a step makes them fail.
    pub(super) failing_writes: Option<IoFailure>,
    /// The error of the client's reads, if a step makes them fail.
    pub(super) failing_reads: Option<IoFailure>,
}

/// Writes the steps of a script for the peer of a client or of a server. `contents` is for the requests of a client, which
/// are kept if the program has to look at them again.
pub(super) fn statements(script: &Script, record: &Record, contents: Option<&Contents>, keeps: bool) -> Statements {
    let mut writer =
        Writer { record, contents, keeps, split: 0, requests: 0, out: Statements::default(), pending: Vec::new() };
    let steps = script.steps();
    let mut at = 0;
    while at < steps.len() {
        at += writer.step(steps, at);
    }
    writer.deliver();
    writer.rest();
    writer.out
}

struct Writer<'s> {
    record: &'s Record,
    contents: Option<&'s Contents>,
    keeps: bool,
    split: u32,
    requests: usize,
    out: Statements,
    /// What the peer sends before the client runs.
    pending: Vec<Sent>,
}

/// What the peer sends in one step, and a comment on it.
#[derive(Clone, PartialEq)]
struct Sent {
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

impl Writer<'_> {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out.text, "    {text}");
    }

    /// Writes the step at this index. Returns how many steps it has written.
    fn step(&mut self, steps: &[Step], at: usize) -> usize {
        match &steps[at] {
            Step::Send(frame) => self.pending.push(sent(frame)),
            Step::SendRaw(bytes) => self.pending.push(raw(bytes)),
            Step::Request(request) => {
                // A server issues no request: the one that every script has is left out.
                let Some(contents) = self.contents else { return 1 };
                self.deliver();
                let alike = steps[at..].iter().take_while(|step| step.request() == Some(request)).count();
                let content = contents.value(request.body());
                let first = self.requests;
                self.requests += alike;
                if alike < SHORTEST_ROW {
                    for number in first..first + alike {
                        let head = head(request, &format!("\"http://peer.test/{number}\""));
                        self.exchange(&number.to_string(), &head, &content, "");
                    }
                    return alike;
                }
                let head = head(request, "format!(\"http://peer.test/{number}\")");
                self.line(&format!("for number in {first}..{} {{", self.requests));
                self.exchange("number", &head, &content, "    ");
                self.line("}");
                return alike;
            }
            Step::Await { .. } => {
                self.deliver();
                let awaits = steps[at..].iter().take_while(|step| matches!(step, Step::Await { .. })).count();
                let missed: Vec<usize> = self.record.missed_awaits().collect();
                let came = |index: &usize| !missed.contains(index);
                let names = |indices: Vec<usize>| {
                    let mut names: Vec<String> = indices.iter().filter_map(|index| awaited(&steps[*index])).collect();
                    if names.len() > 3 {
                        names = vec![names[0].clone(), "…".into(), names[names.len() - 1].clone()];
                    }
                    names.join(", ")
                };
                let (came, missed): (Vec<_>, Vec<_>) = (at..at + awaits).partition(came);
                let comment = match (came.is_empty(), missed.is_empty()) {
                    (false, _) => format!("Now the client has sent {}.", names(came)),
                    (true, false) => format!("The client does not send {}.", names(missed)),
                    (true, true) => String::new(),
                };
                self.commented("rest().await;", &comment);
                return awaits;
            }
            Step::Pass(0) => {
                self.deliver();
                self.rest();
            }
            Step::Pass(milliseconds) => {
                self.deliver();
                self.rest();
                self.line(&format!("sleep(Duration::from_millis({})).await;", digits(*milliseconds)));
            }
            Step::Split(size) => {
                self.deliver();
                self.split = *size;
            }
            Step::Close => {
                self.deliver();
                self.line("let _ = peer.shutdown().await; // the end of what the peer sends");
            }
            Step::FailRead(failure) => {
                self.deliver();
                self.out.failing_reads = Some(*failure);
                self.line(&format!("let _ = peer.shutdown().await; // the client's next read fails: {failure}"));
            }
            Step::FailWrite { failure, after } => {
                self.deliver();
                self.out.failing_writes = Some(*failure);
                let left = self.writable(at, *after as usize);
                let frames = count(u64::from(*after), "frame");
                self.line(&format!("// After {frames} more, the client's writes fail: {failure}."));
                self.line(&format!("WRITABLE.store({}, Relaxed);", digits(left)));
            }
        }
        1
    }

    /// Lets the client run, unless it just did.
    fn rest(&mut self) {
        let last = self.out.text.lines().next_back().unwrap_or_default().trim();
        if !last.starts_with("rest().await;") {
            self.line("rest().await;");
        }
    }

    /// The statement that issues a request, with the head in a statement of its own if the line would be too long.
    fn exchange(&mut self, number: &str, head: &str, content: &str, indent: &str) {
        let statement = |head: &str| {
            let exchange = format!("spawn(exchange({number}, client.clone(), {head}, {content}))");
            if self.keeps { format!("{indent}requests.push({exchange});") } else { format!("{indent}{exchange};") }
        };
        let (whole, short) = (statement(head), statement("head"));
        if whole.len() + 4 <= WIDTH {
            return self.line(&whole);
        }
        self.line(&format!("{indent}let head = {head};"));
        self.line(&short);
    }

    /// The number of bytes of so many frames that the client writes after this step.
    fn writable(&self, step: usize, frames: usize) -> u32 {
        let events = self.record.events.iter().skip_while(|event| **event != Event::Step(step));
        let written = events.filter_map(|event| match event {
            Event::Written(place) => Some(place.len()),
            _ => None,
        });
        written.take(frames).sum::<usize>() as u32
    }

    /// Writes what the peer sends at once.
    fn deliver(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        if pending.is_empty() {
            return;
        }
        let rows = rows(&pending);
        if self.split > 0 {
            self.array("bytes", &rows);
            self.line(&format!("for piece in bytes.concat().chunks({}) {{", self.split));
            self.line("    let _ = peer.write_all(piece).await;");
            self.line("    rest().await;");
            return self.line("}");
        }
        if let [(row, comment)] = &rows[..] {
            return self.commented(&format!("let _ = peer.write_all(&{row}).await;"), comment);
        }
        self.array("bytes", &rows);
        self.line("let _ = peer.write_all(&bytes.concat()).await;");
    }

    fn array(&mut self, name: &str, rows: &[(String, String)]) {
        self.line(&format!("let {name} = ["));
        for (row, comment) in rows {
            self.commented(&format!("    {row},"), comment);
        }
        self.line("];");
    }

    /// A line with a comment: behind it if there is room, and above it if not.
    fn commented(&mut self, line: &str, comment: &str) {
        let behind = format!("{line} // {comment}");
        if behind.chars().count() + 4 <= WIDTH {
            return self.line(&behind);
        }
        let indent = &line[..line.len() - line.trim_start().len()];
        self.line(&format!("{indent}// {comment}"));
        self.line(line);
    }
}

/// The name of the frame that a step awaits.
fn awaited(step: &Step) -> Option<String> {
    let Step::Await { kind, stream } = step else { return None };
    Some(if stream.is_connection() { kind.to_string() } else { format!("{kind} on stream {stream}") })
}

/// The head of a request, as the builder makes it.
fn head(request: &Request, uri: &str) -> String {
    let mut head = format!("Request::{}({uri})", request.method().name().to_ascii_lowercase());
    for (name, value) in request.headers() {
        let _ = write!(head, ".header({name:?}, {value:?})");
    }
    head
}

fn sent(frame: &Frame) -> Sent {
    let mut bytes = Vec::new();
    wire::encode(frame, &mut bytes);
    let comment = one_line(&frame.to_string());
    let expression = match (frame.length, frame.reserved) {
        (None, false) => Expression::Frame(frame.kind.0, frame.flags, frame.stream.get(), literal(&frame.payload)),
        _ => Expression::Bytes(owned(&bytes)),
    };
    Sent { expression, comment }
}

fn raw(bytes: &[u8]) -> Sent {
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
fn digits(number: u32) -> String {
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
fn rows(sent: &[Sent]) -> Vec<(String, String)> {
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
    let stream = |sent: &Sent| match sent.expression {
        Expression::Frame(_, _, stream, _) => stream,
        Expression::Bytes(_) => StreamId::CONNECTION.get(),
    };
    let (from, to) = (stream(first), stream(last));
    let Expression::Frame(kind, flags, _, payload) = &first.expression else {
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
