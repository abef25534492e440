//! The text of a program: a template for each stack and role, the steps of the script, and what the program looks for.

use super::{
    check::{Check, Checked},
    contents::Contents,
    fault::{About, Fault, Line},
    fed::Fed,
    imports::imports,
    listening::Listening,
    sent::plain_comment,
    steps::{Setting, Statements, WIDTH, statements},
    tunnels,
};
use conformance::{
    http2::FrameType,
    peer::Record,
    report::layout::wrap,
    script::{Reads, Script, Step},
    stacks::{Profile, Settings},
    vocabulary::StackName,
};

/// Which end of the connection has the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Client,
    Server,
}

impl Role {
    pub(super) fn name(self) -> &'static str {
        match self {
            Role::Client => "client",
            Role::Server => "server",
        }
    }
}

const COMMON: &str = include_str!("templates/common.in");
const FRAME: &str = include_str!("templates/frame.in");
const EXCHANGE: &str = include_str!("templates/exchange.in");
const TASKS: &str = include_str!("templates/tasks.in");
const FAILING_READS: &str = include_str!("templates/failing_reads.in");
const FAILING_WRITES: &str = include_str!("templates/failing_writes.in");

/// Lets the stack run until it can do no more.
const REST: &str = "
/// Lets all tasks run until they can do no more. The clock stands still.
async fn rest() {
    for _ in 0..1_000 {
        yield_now().await;
    }
}
";

/// The same over sockets.
const REST_OF_SOCKETS: &str = "
/// Lets all tasks run for a moment.
async fn rest() {
    sleep(Duration::from_millis(50)).await;
}
";

/// How the application reads a whole response.
const READ: [&str; 3] = [
    "        hyper::body::to_bytes(response.into_body()).await\n",
    "        Ok::<_, hyper::Error>(response.into_body().collect().await?.to_bytes())\n",
    "        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(response.into_body().collect().await?.to_bytes())\n",
];

/// Says which requests are still open.
const OPEN: &str = r#"    for (number, request) in requests.iter().enumerate() {
        if !request.is_finished() {
            say(format!("request {number}: open"));
        }
    }
"#;

/// Says the status of a response.
const HEAD: &str = r#"        say(format!("request {number}: response {}", response.status().as_u16()));
"#;

/// The same, and the hints of the body.
const HEAD_WITH_HINT: &str = r#"        let (status, body) = (response.status().as_u16(), response.body());
        let (is_end, hint) = (body.is_end_stream(), body.size_hint());
        say(format!("request {number}: response {status}, is_end_stream {is_end}, {hint:?}"));
"#;

/// What is written as a program.
pub(super) struct Program<'p> {
    pub(super) stack: StackName,
    pub(super) role: Role,
    pub(super) profile: Profile,
    pub(super) script: &'p Script,
    /// What crossed the transport when the script was played on the stack.
    pub(super) record: &'p Record,
    pub(super) fault: &'p Fault,
    /// Whether the client is the stack's pool, over loopback.
    pub(super) is_pool: bool,
    /// Whether the connection is made.
    pub(super) is_connected: bool,
    /// The paragraphs at the head of the program.
    pub(super) docs: &'p [String],
}

impl Program<'_> {
    /// The text of `main.rs`.
    pub(super) fn text(&self) -> String {
        let Program { stack, role, script, fault, .. } = *self;
        let contents = Contents::of(script, stack);
        let fed = Fed::of(script, stack).filter(|_| role == Role::Client);
        let name = if fed.is_some() { "Content" } else { contents.name };
        let own = fed.as_ref().map_or_else(|| contents.own(stack), Fed::own);
        let steps = self.statements(&contents, fed);
        let (wrapped, failing) = failing(&steps);
        let listening = Listening {
            role,
            says: fault.check.is_of_frames(),
            answers_pings: self.answers_pings(),
            sends: steps.text.contains("peer."),
        };
        let mut body = self.template().to_owned();
        if role == Role::Client && self.is_connected {
            body += &EXCHANGE.replace("$EXCHANGE", &self.exchange());
        }
        if role == Role::Client && stack == StackName::Legacy && !self.is_pool {
            body += TASKS;
        }
        let makes_frames = self.is_connected && (steps.text.contains("frame(") || self.answers_pings());
        let frame = if makes_frames { FRAME } else { "" };
        for part in [&own, &wrapped, &listening.task(), frame, COMMON] {
            body += part;
        }
        let Checked { constants, said, verdict } = fault.check.checked();
        let [there, gone] = match fault.is_fault() {
            true => ["The fault is there.", "The fault is gone."],
            false => ["It is not as expected.", "It is as expected."],
        };
        let values: [(&str, &str); 22] = [
            ("$COUNT", &script.requests().count().to_string()),
            ("$REQUESTS", if self.keeps() { "    let mut requests = Vec::new();\n" } else { "" }),
            ("$OPEN", if self.shows_open() { OPEN } else { "" }),
            ("$SEND", &self.send()),
            ("$READ", self.read()),
            ("$HEAD", if fault.check.is_of_hint() { HEAD_WITH_HINT } else { HEAD }),
            ("$PEER", listening.peer()),
            ("$LISTENER", &format!("{}{failing}{}", listening.statements(), self.watched())),
            ("$SETTINGS", &self.settings()),
            ("$BUILDER", self.builder()),
            ("$CONTENT", name),
            ("$IO", if stack == StackName::Legacy { "io" } else { "TokioIo::new(io)" }),
            ("$REST", self.rest()),
            ("$WRITABLE", if self.is_connected { "1 << 30" } else { "0" }),
            ("$VERDICT", verdict),
            ("$SAID", said),
            ("$THERE", there),
            ("$GONE", gone),
            ("$ANSWER", &answer(script)),
            // What has texts of the script comes last.
            ("$CHECK", &constants),
            ("$DOCS", &self.docs()),
            ("$STEPS", steps.text.trim_end()),
        ];
        let text = values.iter().fold(body, |text, (place, value)| text.replace(place, value));
        let imports = imports(&text, self);
        text.replacen("$USES", &imports, 1)
    }

    fn statements(&self, contents: &Contents, fed: Option<Fed>) -> Statements {
        let setting = Setting {
            record: self.record,
            contents: Some(contents).filter(|_| self.role == Role::Client),
            fed,
            keeps: self.keeps(),
            paces: self.paces(),
            goes_on: self.script.steps().iter().filter_map(read).collect(),
            connections: self.is_pool.then(|| self.script.connections()),
            shares: self.answers_pings(),
        };
        statements(self.script, setting)
    }

    /// The template of `main` and of what it calls.
    fn template(&self) -> &'static str {
        match (self.role, self.stack) {
            (Role::Client, _) if !self.is_connected => include_str!("templates/unconnected.in"),
            (Role::Client, _) if self.is_pool => include_str!("templates/pool.in"),
            (Role::Client, _) => include_str!("templates/client.in"),
            (Role::Server, StackName::Legacy) => include_str!("templates/server_legacy.in"),
            (Role::Server, StackName::Modern) => include_str!("templates/server_modern.in"),
        }
    }

    /// The head of the function that issues a request.
    fn exchange(&self) -> String {
        let client = match self.is_pool {
            true => "client: Client<HttpConnector, $CONTENT>",
            false => "mut client: SendRequest<$CONTENT>",
        };
        let mut parameters = vec!["number: usize", client, "head: request::Builder"];
        match tunnels::has(self.script) {
            true => parameters.extend(["content: String", "ends: bool"]),
            false => parameters.push("content: $CONTENT"),
        }
        if !self.paces() {
            return format!("async fn exchange({})", parameters.join(", "));
        }
        parameters.push("mut allowed: watch::Receiver<usize>");
        format!("async fn exchange(\n    {},\n)", parameters.join(",\n    "))
    }

    /// The statements with which the application sends a request.
    fn send(&self) -> String {
        let [ready, method] =
            if self.is_pool { ["", "request"] } else { ["        client.ready().await?;\n", "send_request"] };
        let content = if tunnels::has(self.script) { "Default::default()" } else { "content" };
        let sends = format!("        let response = client.{method}(head.body({content}).unwrap())");
        // If the application drops its client meanwhile, this handle must not keep it.
        match self.script.steps().contains(&Step::DropClient) {
            true => format!("{ready}{sends};\n        drop(client);\n        let response = response.await?;\n"),
            false => format!("{ready}{sends}.await?;\n"),
        }
    }

    /// How the program lets the stack run; empty if it is not connected.
    fn rest(&self) -> &'static str {
        match (self.is_connected, self.is_pool) {
            (false, _) => "",
            (true, true) => REST_OF_SOCKETS,
            (true, false) => REST,
        }
    }

    /// How the application reads the content of a response.
    fn read(&self) -> &'static str {
        match (self.stack, self.paces()) {
            (stack, _) if tunnels::has(self.script) => tunnels::used(stack),
            (StackName::Legacy, false) => READ[0],
            (StackName::Modern, false) => READ[1 + usize::from(self.is_pool)],
            (StackName::Legacy, true) => include_str!("templates/paced_legacy.in"),
            (StackName::Modern, true) => include_str!("templates/paced_modern.in"),
        }
    }

    fn docs(&self) -> String {
        let mut lines = Vec::new();
        for paragraph in self.docs {
            if !lines.is_empty() {
                lines.push("//!".to_owned());
            }
            let wrapped = wrap(&plain_comment(paragraph), WIDTH - 4).into_iter();
            lines.extend(wrapped.map(|line| format!("//! {line}")));
        }
        lines.join("\n")
    }

    /// Whether the program has to look for requests that do not end.
    fn shows_open(&self) -> bool {
        self.is_pool
            || self.is_connected
                && self.role == Role::Client
                && self.fault.lines.each().into_iter().flatten().any(Line::is_open)
    }

    /// Whether the program has to keep its requests: to look whether they end, or to cancel them.
    fn keeps(&self) -> bool {
        let cancels = |step: &Step| matches!(step, Step::Cancel(_));
        self.shows_open() || self.role == Role::Client && self.script.steps().iter().any(cancels)
    }

    /// Whether an application reads less than everything.
    fn paces(&self) -> bool {
        self.role == Role::Client && self.script.requests().any(|request| request.read() != Reads::All)
    }

    fn answers_pings(&self) -> bool {
        self.role == Role::Client && self.script.steps().contains(&Step::AnswerPings)
    }

    /// What shows a panic of a task.
    fn watched(&self) -> &'static str {
        match self.fault.check {
            Check::Line { about: About::Panic, .. } => {
                "    std::panic::set_hook(Box::new(|panic| say(format!(\"a task panicked: {panic}\"))));\n"
            }
            _ => "",
        }
    }

    /// The calls that give the stack the settings under which the fault shows, if its own do not.
    fn settings(&self) -> String {
        if self.profile == Profile::Defaults {
            return String::new();
        }
        let passes = self.script.steps().iter().any(|step| matches!(step, Step::Pass(1_000..)));
        let calls = match (self.stack, self.role) {
            (stack, Role::Client) => {
                let settings = Settings::EQUAL;
                let mut calls = vec![
                    format!("initial_stream_window_size({})", settings.stream_window),
                    format!("initial_connection_window_size({})", settings.connection_window),
                    format!("max_send_buf_size({})", settings.max_send_buffer_size),
                ];
                if stack == StackName::Modern {
                    calls.push(format!("max_header_list_size({})", settings.max_header_list_size));
                    calls.push("initial_max_send_streams(usize::MAX)".into());
                }
                if passes {
                    let seconds =
                        [settings.keep_alive_interval, settings.keep_alive_timeout].map(|time| time.as_secs());
                    calls.push(format!("keep_alive_interval(Duration::from_secs({}))", seconds[0]));
                    calls.push(format!("keep_alive_timeout(Duration::from_secs({}))", seconds[1]));
                }
                calls
            }
            (stack, Role::Server) => {
                let settings = Settings::EQUAL_OF_SERVERS;
                let prefix = if stack == StackName::Legacy { "http2_" } else { "" };
                let values: [(&str, u64); 6] = [
                    ("initial_stream_window_size", settings.stream_window.into()),
                    ("initial_connection_window_size", settings.connection_window.into()),
                    ("max_header_list_size", settings.max_header_list_size.into()),
                    ("max_concurrent_streams", settings.max_concurrent_streams.into()),
                    ("max_pending_accept_reset_streams", settings.max_pending_accept_reset_streams as u64),
                    ("max_local_error_reset_streams", settings.max_local_error_reset_streams as u64),
                ];
                values.map(|(name, value)| format!("{prefix}{name}({value})")).into()
            }
        };
        let indent = if self.role == Role::Server { "        " } else { "    " };
        let chain: String = calls.iter().map(|call| format!("\n{indent}    .{call}")).collect();
        let (new, first) = self.new_builder();
        format!("{indent}let mut builder = {new};\n{indent}builder{first}{chain};\n")
    }

    /// How the builder of a connection is made, and the call that it always needs once it has settings.
    fn new_builder(&self) -> (&'static str, &'static str) {
        match (self.stack, self.role) {
            (StackName::Legacy, Role::Client) if self.is_pool => ("Client::builder()", ""),
            (StackName::Modern, Role::Client) if self.is_pool => ("Client::builder(TokioExecutor::new())", ""),
            (StackName::Legacy, Role::Client) => ("Builder::new(Tasks)", ""),
            (StackName::Legacy, Role::Server) => ("Http::new()", ".http2_only(true)"),
            (StackName::Modern, _) => ("Builder::new(TokioExecutor::new())", ".timer(TokioTimer::new())"),
        }
    }

    /// The builder: a new one, or that with the settings.
    fn builder(&self) -> &'static str {
        match (self.profile, self.stack, self.role) {
            (Profile::Equal, ..) => "builder",
            (_, StackName::Legacy, Role::Server) => "Http::new().http2_only(true)",
            _ => self.new_builder().0,
        }
    }
}

/// The types that make the client's reads or writes fail, and the lines that give them to the client.
fn failing(steps: &Statements) -> (String, String) {
    let Statements { failing_reads, failing_writes, .. } = steps;
    let reads = failing_reads.map(|failure| FAILING_READS.replace("$READ_ERROR", &failure.to_string()));
    let writes = failing_writes.map(|failure| FAILING_WRITES.replace("$WRITE_ERROR", &failure.to_string()));
    let joined = match (&reads, &writes) {
        (None, None) => return (String::new(), String::new()),
        (Some(_), None) => "Reads(reads), writes",
        (None, Some(_)) => "reads, Writes(writes)",
        (Some(_), Some(_)) => "Reads(reads), Writes(writes)",
    };
    let io = format!("    let (reads, writes) = split(io);\n    let io = join({joined});\n");
    (reads.into_iter().chain(writes).collect(), io)
}

/// The request of whose response the application reads more in this step.
fn read(step: &Step) -> Option<usize> {
    match step {
        Step::Read { request, .. } => Some(*request as usize),
        _ => None,
    }
}

/// The answer of a server: as many bytes as the client's path asks for, in the same form as the suite's own servers take.
fn answer(script: &Script) -> String {
    const ASKS: &[u8] = b"/bytes/";
    let heads = script.frames().filter(|(_, frame)| frame.kind == FrameType::HEADERS);
    let size = heads.filter_map(|(_, frame)| {
        let at = frame.payload.windows(ASKS.len()).position(|window| window == ASKS)? + ASKS.len();
        let digits: Vec<u8> = frame.payload[at..].iter().copied().take_while(u8::is_ascii_digit).collect();
        String::from_utf8(digits).ok()?.parse::<usize>().ok()
    });
    size.max().map_or("\"an answer\"".into(), |size| format!("\".\".repeat({size})"))
}
