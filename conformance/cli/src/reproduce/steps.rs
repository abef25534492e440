//! The steps of a script as Rust statements.

use super::{
    contents::Contents,
    fed::Fed,
    sent::{SHORTEST_ROW, Sent, digits, raw, rows, sent},
};
use conformance::{
    peer::{Event, Record},
    report::layout::count,
    script::{IoFailure, Reads, Request, Script, Step},
};
use std::{collections::BTreeSet, fmt::Write};

/// The width of the lines of a program.
pub(super) const WIDTH: usize = 120;

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

/// What the statements depend on, beside the script.
pub(super) struct Setting<'s> {
    /// What crossed the transport when the script was played.
    pub(super) record: &'s Record,
    /// The content of a client's requests; none for a server.
    pub(super) contents: Option<&'s Contents>,
    /// How content is handed over in steps, if it is.
    pub(super) fed: Option<Fed>,
    /// Whether the program has to look at its requests again.
    pub(super) keeps: bool,
    /// Whether an application reads less than everything.
    pub(super) paces: bool,
    /// The requests of whose responses the application reads more later.
    pub(super) goes_on: Vec<usize>,
    /// The number of connections that the peer takes; none if there is one, which is in memory.
    pub(super) connections: Option<usize>,
    /// Whether the peer's end is shared with a task that answers PINGs.
    pub(super) shares: bool,
}

/// Writes the steps of a script for the peer of a client or of a server.
pub(super) fn statements(script: &Script, setting: Setting<'_>) -> Statements {
    let mut writer = Writer {
        setting,
        split: 0,
        issued: 0,
        connection: 1,
        accepted: 0,
        paced: BTreeSet::new(),
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
    setting: Setting<'s>,
    split: u32,
    /// The number of requests so far.
    issued: usize,
    /// The number of the connection that the steps concern, from 1 on.
    connection: usize,
    /// The number of connections that the peer has taken.
    accepted: usize,
    /// The requests whose responses are not read to their end.
    paced: BTreeSet<usize>,
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
            Step::Read { request, bytes } => self.reads(*request as usize, *bytes),
            Step::Feed { request, bytes, end } => self.feeds(*request as usize, *bytes, *end),
            Step::Connection(number) => {
                self.deliver();
                self.rest();
                self.connection = *number as usize;
            }
            // The peer takes no connection that the script does not name.
            Step::RefuseConnections => {}
            Step::AnswerPings => {
                self.deliver();
                self.line("ANSWERS_PINGS.store(true, Relaxed);");
            }
            Step::Close => {
                self.deliver();
                self.shuts("the end of what the peer sends");
            }
            Step::FailRead(failure) => {
                self.deliver();
                self.out.failing_reads = Some(*failure);
                self.shuts(&format!("the client's next read fails: {failure}"));
            }
            Step::FailWrite { failure, after } => self.fails_writes(at, *failure, *after),
        }
        1
    }

    /// Writes this request, and those like it that follow at once. Returns their number.
    fn requests(&mut self, request: &Request, steps: &[Step]) -> usize {
        // A server issues no request: the one that every script has is left out.
        let Some(contents) = self.setting.contents else { return 1 };
        self.deliver();
        if self.setting.fed.is_some() || self.setting.paces {
            self.led(request, contents);
            return 1;
        }
        let alike = steps.iter().take_while(|step| step.request() == Some(request)).count();
        let content = contents.value(request.body());
        let first = self.issued;
        self.issued += alike;
        if alike < SHORTEST_ROW {
            for number in first..first + alike {
                self.exchange(&number.to_string(), &self.head(request, number), &content, "");
            }
            return alike;
        }
        let head = head(request, &format!("format!(\"{}{}/{{number}}\")", self.origin(), request.path()));
        self.line(&format!("for number in {first}..{} {{", self.issued));
        self.exchange("number", &head, &content, "    ");
        self.line("}");
        alike
    }

    /// Writes a request whose content is handed over in steps, or whose response is not read to its end.
    fn led(&mut self, request: &Request, contents: &Contents) {
        let number = self.issued;
        self.issued += 1;
        let (lines, mut content) = match &mut self.setting.fed {
            Some(fed) => fed.begins(number, request),
            None => (Vec::new(), contents.value(request.body())),
        };
        lines.iter().for_each(|line| self.line(line));
        match request.read() {
            Reads::All if self.setting.paces => content += ", watch::channel(usize::MAX).1",
            Reads::All => {}
            Reads::Bytes(bytes) => {
                let is_used = self.setting.goes_on.contains(&number);
                let sender = format!("{}reads{number}", if is_used { "" } else { "_" });
                content += ", allowed";
                self.paced.insert(number);
                let comment = format!("the application reads {} and waits", count(bytes.into(), "byte"));
                self.commented(&format!("let ({sender}, allowed) = watch::channel({});", digits(bytes)), &comment);
            }
        }
        self.exchange(&number.to_string(), &self.head(request, number), &content, "");
    }

    /// The application reads more of a response.
    fn reads(&mut self, number: usize, bytes: u32) {
        self.deliver();
        if self.paced.contains(&number) {
            let comment = format!("it reads {} more", count(bytes.into(), "byte"));
            self.commented(&format!("reads{number}.send_modify(|allowed| *allowed += {});", digits(bytes)), &comment);
        }
    }

    /// The application hands over more content.
    fn feeds(&mut self, number: usize, bytes: u32, end: bool) {
        self.deliver();
        let lines = self.setting.fed.as_mut().map(|fed| fed.goes_on(number, bytes, end));
        lines.iter().flatten().for_each(|line| self.line(line));
    }

    /// Writes this step that awaits a frame, and those that follow at once. Returns their number.
    fn awaits(&mut self, steps: &[Step], at: usize) -> usize {
        self.deliver();
        if self.issued > 0 {
            self.accept();
        }
        let awaits = steps[at..].iter().take_while(|step| matches!(step, Step::Await { .. })).count();
        let missed: Vec<usize> = self.setting.record.unmet_steps().collect();
        let came = |index: &usize| !missed.contains(index);
        let names = |indices: Vec<usize>| {
            let mut names: Vec<String> = indices.iter().filter_map(|index| awaited(&steps[*index])).collect();
            if names.len() > 3 {
                names = vec![names[0].clone(), "…".into(), names[names.len() - 1].clone()];
            }
            names.join(", ")
        };
        let is_known = self.setting.connections.is_none();
        let (came, missed): (Vec<_>, Vec<_>) = (at..at + awaits).partition(came);
        let comment = match (came.is_empty(), missed.is_empty()) {
            _ if !is_known => format!("The peer waits for {}.", names((at..at + awaits).collect())),
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
            if self.setting.keeps {
                format!("{indent}requests.push({exchange});")
            } else {
                format!("{indent}{exchange};")
            }
        };
        let (whole, short) = (statement(head), statement("head"));
        if whole.len() + 4 <= WIDTH {
            return self.line(&whole);
        }
        self.line(&format!("{indent}let head = {head};"));
        self.line(&short);
    }

    /// The client's writes fail after so many more frames, from this step on.
    fn fails_writes(&mut self, at: usize, failure: IoFailure, after: u32) {
        self.deliver();
        self.out.failing_writes = Some(failure);
        let left = self.writable(at, after as usize);
        let frames = count(after.into(), "frame");
        self.line(&format!("// After {frames} more, the client's writes fail: {failure}."));
        self.line(&format!("WRITABLE.store({}, Relaxed);", digits(left)));
    }

    /// The number of bytes of so many frames that the client writes after this step.
    fn writable(&self, step: usize, frames: usize) -> u32 {
        let events = self.setting.record.events.iter().skip_while(|event| **event != Event::Step(step));
        let written = events.filter_map(|event| match event {
            Event::Written(place) => Some(place.len()),
            _ => None,
        });
        written.take(frames).sum::<usize>() as u32
    }

    /// Writes what the peer sends at once.
    fn deliver(&mut self) {
        // A pool has no connection before it has a request.
        if self.pending.is_empty() || (self.setting.connections.is_some() && self.issued == 0) {
            return;
        }
        let pending = std::mem::take(&mut self.pending);
        self.accept();
        let (peer, rows) = (self.peer(), rows(&pending));
        if self.split > 0 {
            self.array("bytes", &rows);
            self.line(&format!("for piece in bytes.concat().chunks({}) {{", self.split));
            self.line(&format!("    let _ = {peer}.write_all(piece).await;"));
            self.line("    rest().await;");
            return self.line("}");
        }
        if let [(row, comment)] = &rows[..] {
            return self.commented(&format!("let _ = {peer}.write_all(&{row}).await;"), comment);
        }
        self.array("bytes", &rows);
        self.line(&format!("let _ = {peer}.write_all(&bytes.concat()).await;"));
    }

    /// The peer closes its side of the connection.
    fn shuts(&mut self, comment: &str) {
        self.accept();
        let peer = self.peer();
        self.line(&format!("let _ = {peer}.shutdown().await; // {comment}"));
    }

    /// The peer's end of the connection that the steps concern.
    fn peer(&self) -> String {
        match self.setting.connections {
            Some(_) => format!("peer{}", self.connection),
            None if self.setting.shares => "peer.lock().await".into(),
            None => "peer".into(),
        }
    }

    /// Takes the connections of a pool up to the one that the steps concern.
    fn accept(&mut self) {
        let Some(connections) = self.setting.connections else { return };
        while self.accepted < self.connection {
            self.accepted += 1;
            let number = self.accepted;
            self.line(&format!("let mut peer{number} = accept(&listener, {number}).await;"));
            if number == connections {
                self.line("drop(listener); // the peer takes no further connection");
            }
        }
    }

    /// The beginning of a request's URI.
    fn origin(&self) -> &'static str {
        if self.setting.connections.is_some() { "http://{address}" } else { "http://peer.test" }
    }

    fn head(&self, request: &Request, number: usize) -> String {
        let uri = match request.is_connect() && request.protocol().is_none() {
            true => format!("\"{number}.peer.test:443\""),
            false => format!("\"{}{}/{number}\"", self.origin(), request.path()),
        };
        head(request, &if self.setting.connections.is_some() { format!("format!({uri})") } else { uri })
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
    if let Some(protocol) = request.protocol() {
        let _ = write!(head, ".extension(hyper::ext::Protocol::from_static({:?}))", protocol.name());
    }
    for (name, value) in request.headers() {
        let _ = write!(head, ".header({name:?}, {value:?})");
    }
    head
}
