//! Writes a script as a program in Python that plays its peer to one connection, for a client in any language.

use super::sent::plain_comment;
use crate::UsageError;
use conformance::{
    http2::{Frame, FrameType, StreamId, wire},
    report::{
        SCHEMA,
        layout::{shortened, wrap},
    },
    script::{Request, Script, Step},
};
use serde::Serialize;
use std::io::ErrorKind;

const TEMPLATE: &str = include_str!("templates/listener.in");

/// The width of the lines of the program.
const WIDTH: usize = 118;

/// A program that plays a peer.
#[derive(Debug, Serialize)]
pub struct Listener {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The text of the program.
    pub program: String,
}

impl Listener {
    /// The program that plays this script. `what` is the case as it was given, and `about` what it is about.
    ///
    /// # Errors
    ///
    /// If a step of the script needs a transport in memory, or a second connection.
    pub(super) fn new(what: &str, about: Option<&str>, script: &Script) -> Result<Listener, UsageError> {
        let mut writer = Writer::default();
        for step in script.steps() {
            writer.step(step).map_err(|why| UsageError(format!("{what} has no listener: {why}")))?;
        }
        writer.deliver();
        let about = [Some(what), about].into_iter().flatten().collect::<Vec<_>>().join(": ");
        let about = wrap(&plain_comment(&about).replace(['\\', '"'], "'"), WIDTH).join("\n");
        let requests: Vec<_> = script.requests().enumerate().map(|(number, request)| asked(number, request)).collect();
        let program = TEMPLATE.replacen("$ABOUT", &about, 1).replacen("$REQUESTS", &requests.join("\n"), 1);
        Ok(Listener { schema: SCHEMA, program: program.replacen("$STEPS\n", &writer.text, 1) })
    }
}

/// A request, as the head of the program asks for it.
fn asked(number: usize, request: &Request) -> String {
    const FIRST: &str = "    curl -sS --http2-prior-knowledge http://127.0.0.1:8000";
    let (method, target) = (request.method().name(), format!("{}/{number}", request.path()));
    let target =
        if request.is_connect() && request.protocol().is_none() { format!("{number}.peer.test:443") } else { target };
    let headers: String = request.headers().iter().map(|(name, value)| format!(" -H '{name}: {value}'")).collect();
    let content = match request.body().size() {
        0 => String::new(),
        size => format!(", with {size} bytes of content"),
    };
    let trailers = if request.trailers().is_empty() { "" } else { " and trailers" };
    match (number, method, &*content) {
        (0, "GET", "") => format!("{FIRST}{target}{headers}"),
        _ => format!("    {method} {target}{headers}{content}{trailers}"),
    }
}

/// Writes the statements.
#[derive(Default)]
struct Writer {
    text: String,
    /// What is sent before the program waits, as expressions with comments.
    pending: Vec<(String, String)>,
    /// The size of the pieces; 0 for whole.
    split: u32,
    /// The requests whose HEADERS have not been awaited yet.
    unseen: Vec<StreamId>,
    issued: usize,
}

impl Writer {
    fn step(&mut self, step: &Step) -> Result<(), &'static str> {
        match step {
            Step::Request(_) => {
                self.deliver();
                self.unseen.push(StreamId::of_request(self.issued));
                self.issued += 1;
            }
            // A client may wait for SETTINGS before it sends a request.
            Step::Send(frame) if frame.kind == FrameType::SETTINGS => self.send(frame),
            Step::Send(frame) => {
                self.see();
                self.send(frame);
            }
            Step::SendRaw(bytes) => {
                self.see();
                self.pending.push((python(bytes), format!("{} bytes", bytes.len())));
            }
            Step::Await { kind, stream } => {
                self.see_but(*kind, *stream);
                self.awaits(*kind, *stream);
            }
            Step::Pass(milliseconds) => {
                self.deliver();
                let seconds = f64::from((*milliseconds).max(100)) / 1_000.0;
                self.line(&format!("time.sleep({seconds})"));
            }
            Step::Split(size) => {
                self.deliver();
                self.split = *size;
            }
            Step::Close => {
                self.see();
                self.deliver();
                self.line("client.shutdown(socket.SHUT_WR)  # the end of what the peer sends");
            }
            Step::FailRead(failure) if failure.kind() == ErrorKind::ConnectionReset => {
                self.see();
                self.deliver();
                self.line("client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(\"ii\", 1, 0))");
                self.line("client.close()  # with RST: the client's next read fails");
            }
            Step::FailRead(_) | Step::FailWrite { .. } => return Err("a socket cannot fail in that way"),
            // What must not come shows among the frames that it prints.
            Step::Never { .. } => {
                self.deliver();
                self.line("time.sleep(0.1)");
            }
            Step::Connection(_) | Step::RefuseConnections => {
                return Err("it needs several connections; `serve --listen` plays it");
            }
            Step::AnswerPings => {
                self.deliver();
                self.line("answers_pings = True");
            }
            Step::Cancel(request) => self.told(&format!("cancel request {request}")),
            Step::DropClient => self.told("drop the client"),
            Step::Feed { request, bytes, end } => {
                let end = if *end { ", and end it" } else { "" };
                self.told(&format!("send {bytes} more bytes of request {request}{end}"));
            }
            Step::Read { request, bytes } => self.told(&format!("read {bytes} more bytes of response {request}")),
        }
        Ok(())
    }

    /// What the user of the client has to do by hand.
    fn told(&mut self, what: &str) {
        self.deliver();
        self.line(&format!("input(\"now {what}, and press Enter\")"));
    }

    fn send(&mut self, frame: &Frame) {
        let expression = match (frame.length, frame.reserved) {
            (None, false) => {
                let (kind, flags, stream) = (frame.kind.0, frame.flags, frame.stream.get());
                format!("frame({kind:#x}, {flags:#x}, {stream}, {})", python(&frame.payload))
            }
            _ => {
                let mut bytes = Vec::new();
                wire::encode(frame, &mut bytes);
                python(&bytes)
            }
        };
        self.pending.push((expression, shortened(&plain_comment(&frame.to_string()))));
    }

    /// Waits for the requests that were issued: what the peer sends is an answer to them.
    fn see(&mut self) {
        for stream in std::mem::take(&mut self.unseen) {
            self.awaits(FrameType::HEADERS, stream);
        }
    }

    /// The same, before the script itself waits for a frame.
    fn see_but(&mut self, kind: FrameType, stream: StreamId) {
        self.unseen.retain(|unseen| kind != FrameType::HEADERS || *unseen != stream);
    }

    fn awaits(&mut self, kind: FrameType, stream: StreamId) {
        self.deliver();
        self.line(&format!("awaits({:#x}, {})  # {kind}", kind.0, stream.get()));
    }

    /// Writes what is sent at once.
    fn deliver(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        if pending.is_empty() {
            return;
        }
        self.line("send(");
        for (expression, comment) in pending {
            let line = format!("    {expression},  # {comment}");
            if line.chars().count() <= WIDTH {
                self.line(&line);
            } else {
                self.line(&format!("    # {comment}"));
                self.line(&format!("    {expression},"));
            }
        }
        let end = if self.split > 0 { format!("    size={})", self.split) } else { ")".into() };
        self.line(&end);
    }

    fn line(&mut self, text: &str) {
        self.text += text;
        self.text.push('\n');
    }
}

/// The bytes as an expression of Python, with long runs of one byte as their length.
fn python(bytes: &[u8]) -> String {
    const SHORTEST_RUN: usize = 16;
    let (mut parts, mut begun) = (Vec::new(), Vec::new());
    let text = |bytes: &[u8]| format!("b\"{}\"", bytes.escape_ascii());
    for run in bytes.chunk_by(|one, next| one == next) {
        if run.len() < SHORTEST_RUN {
            begun.extend_from_slice(run);
            continue;
        }
        if !begun.is_empty() {
            parts.push(text(&std::mem::take(&mut begun)));
        }
        parts.push(format!("b\"{}\" * {}", run[0].escape_ascii(), run.len()));
    }
    if !begun.is_empty() || parts.is_empty() {
        parts.push(text(&begun));
    }
    parts.join(" + ")
}
