//! The steps of a script as Rust statements.

use super::{
    contents::Contents,
    sent::{SHORTEST_ROW, Sent, digits, raw, rows, sent},
};
use conformance::{
    http2::{Frame, FrameType, flags},
    peer::{Event, Record},
    report::layout::count,
    script::{IoFailure, Request, Script, Step},
};
use std::fmt::Write;

/// The width of the lines of a program.
pub(super) const WIDTH: usize = 120;

/// The longest content of a DATA frame that is written out.
const LONGEST_SHOWN: usize = 24;

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
    let mut writer = Writer {
        record,
        contents,
        keeps,
        split: 0,
        issued: 0,
        is_dropped: false,
        out: Statements::default(),
        pending: Vec::new(),
    };
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
    /// The number of requests so far.
    issued: usize,
    /// Whether the application has dropped its client.
    is_dropped: bool,
    out: Statements,
    /// What the peer sends before the client runs.
    pending: Vec<Sent>,
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
            Step::Request(_) if self.is_dropped => {}
            Step::Request(request) => return self.requests(request, &steps[at..]),
            Step::Await { .. } => return self.awaits(steps, at),
            Step::Pass(0) | Step::Never { .. } => {
                self.deliver();
                self.rest();
            }
            Step::Pass(milliseconds) => {
                self.deliver();
                self.rest();
                self.line(&format!("sleep(Duration::from_millis({})).await;", digits(*milliseconds)));
                self.line("rest().await;");
            }
            Step::Split(size) => {
                self.deliver();
                self.split = *size;
            }
            Step::Cancel(request) => {
                self.deliver();
                // A request that was not issued is left as it is.
                if (*request as usize) < self.issued {
                    self.line(&format!("requests[{request}].abort(); // the application cancels request {request}"));
                }
            }
            Step::DropClient => {
                self.deliver();
                self.line("drop(client); // the application drops its client");
                self.is_dropped = true;
            }
            // No program is written for a script with these steps.
            Step::Read { .. }
            | Step::Feed { .. }
            | Step::Connection(_)
            | Step::RefuseConnections
            | Step::AnswerPings => {}
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

    /// Writes this request, and those like it that follow at once. Returns their number.
    fn requests(&mut self, request: &Request, steps: &[Step]) -> usize {
        // A server issues no request: the one that every script has is left out.
        let Some(contents) = self.contents else { return 1 };
        self.deliver();
        let alike = steps.iter().take_while(|step| step.request() == Some(request)).count();
        let content = contents.value(request.body());
        let first = self.issued;
        self.issued += alike;
        if alike < SHORTEST_ROW {
            for number in first..first + alike {
                let head = head(request, &format!("\"http://peer.test{}/{number}\"", request.path()));
                self.exchange(&number.to_string(), &head, &content, "");
            }
            return alike;
        }
        let head = head(request, &format!("format!(\"http://peer.test{}/{{number}}\")", request.path()));
        self.line(&format!("for number in {first}..{} {{", self.issued));
        self.exchange("number", &head, &content, "    ");
        self.line("}");
        alike
    }

    /// Writes this step that awaits a frame, and those that follow at once. Returns their number.
    fn awaits(&mut self, steps: &[Step], at: usize) -> usize {
        self.deliver();
        let awaits = steps[at..].iter().take_while(|step| matches!(step, Step::Await { .. })).count();
        let missed: Vec<usize> = self.record.unmet_steps().collect();
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
        awaits
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
