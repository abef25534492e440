//! The text of a program: a template for each stack and role, the steps of the script, and what the program looks for.

use super::{
    contents::Contents,
    fault::{About, Check, Fault, Line},
    sent::plain_comment,
    steps::{Statements, WIDTH, statements},
};
use conformance::{
    http2::FrameType,
    peer::Record,
    report::layout::wrap,
    script::{Script, Step},
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

const LISTEN: &str = include_str!("templates/listen.in");
const COMMON: &str = include_str!("templates/common.in");
const FAILING_READS: &str = include_str!("templates/failing_reads.in");
const FAILING_WRITES: &str = include_str!("templates/failing_writes.in");

/// The template of `main` and of what it calls.
fn template(stack: StackName, role: Role) -> &'static str {
    match (stack, role) {
        (StackName::Legacy, Role::Client) => include_str!("templates/client_legacy.in"),
        (StackName::Modern, Role::Client) => include_str!("templates/client_modern.in"),
        (StackName::Legacy, Role::Server) => include_str!("templates/server_legacy.in"),
        (StackName::Modern, Role::Server) => include_str!("templates/server_modern.in"),
    }
}

/// How the application sends a request.
const SEND: &str = "        let response = client.send_request(head.body(content).unwrap()).await?;\n";

/// The same, if it drops its client meanwhile: then this handle must not keep it.
const SEND_AND_DROP: &str = "        let response = client.send_request(head.body(content).unwrap());
        drop(client);
        let response = response.await?;\n";

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

/// The names that a program can import: the crate, the path in it, and the text that needs it.
const IMPORTS: &[(&str, &str, &str)] = &[
    ("bytes", "Bytes", "Bytes"),
    ("h2", "Reason", "Reason::"),
    ("http_body_util", "BodyExt", ".collect().await"),
    ("http_body_util", "Full", "Full"),
    ("hyper_util", "rt::TokioExecutor", "TokioExecutor"),
    ("hyper_util", "rt::TokioIo", "TokioIo"),
    ("hyper_util", "rt::TokioTimer", "TokioTimer"),
    ("std", "io", "io::"),
    ("std", "pin::Pin", "Pin"),
    ("std", "process::exit", "exit("),
    ("std", "sync::Mutex", "Mutex"),
    ("std", "sync::atomic::AtomicUsize", "AtomicUsize"),
    ("std", "sync::atomic::Ordering::Relaxed", "Relaxed"),
    ("std", "task::Context", "Context"),
    ("std", "task::Poll", "Poll"),
    ("std", "task::ready", "ready!"),
    ("std", "time::Duration", "Duration"),
    ("tokio", "io::AsyncRead", "AsyncRead"),
    ("tokio", "io::AsyncReadExt", ".read_exact("),
    ("tokio", "io::AsyncWrite", "AsyncWrite"),
    ("tokio", "io::AsyncWriteExt", ".write_all("),
    ("tokio", "io::DuplexStream", "DuplexStream"),
    ("tokio", "io::ReadBuf", "ReadBuf"),
    ("tokio", "io::ReadHalf", "ReadHalf"),
    ("tokio", "io::WriteHalf", "WriteHalf"),
    ("tokio", "io::duplex", "duplex("),
    ("tokio", "io::join", "join("),
    ("tokio", "io::split", "split("),
    ("tokio", "spawn", "spawn("),
    ("tokio", "task::yield_now", "yield_now("),
    ("tokio", "time::sleep", "sleep("),
];

/// The same for hyper, whose paths depend on the stack and the role.
fn imports_of_hyper(stack: StackName, role: Role) -> &'static [(&'static str, &'static str, &'static str)] {
    match (stack, role) {
        (StackName::Legacy, Role::Client) => &[
            ("hyper", "Body", "Body::"),
            ("hyper", "Request", "Request::"),
            ("hyper", "body::Bytes", "Bytes"),
            ("hyper", "body::HttpBody", ".size_hint()"),
            ("hyper", "body::HttpBody", "HttpBody for"),
            ("hyper", "body::SizeHint", "SizeHint::"),
            ("hyper", "client::conn::http2::Builder", "Builder::new"),
            ("hyper", "client::conn::http2::SendRequest", "SendRequest"),
            ("hyper", "http::HeaderMap", "HeaderMap"),
            ("hyper", "http::request", "request::"),
            ("hyper", "rt::Executor", "Executor"),
        ],
        (StackName::Modern, Role::Client) => &[
            ("hyper", "Request", "Request::"),
            ("hyper", "body::Body", ".size_hint()"),
            ("hyper", "body::Body", "Body for"),
            ("hyper", "body::Frame", "Frame::"),
            ("hyper", "body::SizeHint", "SizeHint::"),
            ("hyper", "client::conn::http2::Builder", "Builder::new"),
            ("hyper", "client::conn::http2::SendRequest", "SendRequest"),
            ("hyper", "http::request", "request::"),
        ],
        (StackName::Legacy, Role::Server) => &[
            ("hyper", "Body", "Body"),
            ("hyper", "Request", "Request"),
            ("hyper", "Response", "Response"),
            ("hyper", "server::conn::Http", "Http::"),
            ("hyper", "service::service_fn", "service_fn"),
        ],
        (StackName::Modern, Role::Server) => &[
            ("hyper", "Request", "Request"),
            ("hyper", "Response", "Response"),
            ("hyper", "body::Incoming", "Incoming"),
            ("hyper", "server::conn::http2::Builder", "Builder"),
            ("hyper", "service::service_fn", "service_fn"),
        ],
    }
}

/// What is written as a program.
pub(super) struct Program<'p> {
    pub(super) stack: StackName,
    pub(super) role: Role,
    pub(super) profile: Profile,
    pub(super) script: &'p Script,
    /// What crossed the transport when the script was played on the stack.
    pub(super) record: &'p Record,
    pub(super) fault: &'p Fault,
    /// The paragraphs at the head of the program.
    pub(super) docs: &'p [String],
}

impl Program<'_> {
    /// The text of `main.rs`.
    pub(super) fn text(&self) -> String {
        let Program { stack, role, script, record, fault, .. } = *self;
        let contents = Contents::of(script, stack);
        let steps = statements(script, record, Some(&contents).filter(|_| role == Role::Client), self.keeps());
        let (wrapped, failing) = failing(&steps);
        let listens = fault.check.about.is_frame();
        let mut body = template(stack, role).to_owned();
        body += &contents.own(stack);
        body += &wrapped;
        if listens {
            body += LISTEN;
        }
        body += COMMON;
        let preface = match role {
            Role::Client => "    let _ = io.read_exact(&mut [0; 24]).await; // the connection preface\n",
            Role::Server => "",
        };
        let listener = match listens {
            true => format!("    let (from_{}, mut peer) = split(peer);\n    spawn(listen(from_{0}));\n", role.name()),
            false => String::new(),
        };
        let statements = steps.text.trim_end();
        let settings = self.settings();
        let (check, verdict) = checked(&fault.check);
        let answer = answer(script);
        let drops = script.steps().contains(&Step::DropClient);
        let values: [(&str, &str); 16] = [
            ("$REQUESTS", if self.keeps() { "    let mut requests = Vec::new();\n" } else { "" }),
            ("$OPEN", if self.shows_open() { OPEN } else { "" }),
            ("$SEND", if drops { SEND_AND_DROP } else { SEND }),
            ("$HEAD", if fault.check.is_of_hint() { HEAD_WITH_HINT } else { HEAD }),
            ("$PEER", if listens { "peer" } else { "mut peer" }),
            ("$LISTENER", &format!("{listener}{failing}{}", self.watched())),
            ("$SETTINGS", &settings),
            ("$BUILDER", self.builder()),
            ("$CONTENT", contents.name),
            ("$PREFACE", preface),
            ("$ROLE", role.name()),
            ("$VERDICT", verdict),
            ("$ANSWER", &answer),
            // What has texts of the script comes last.
            ("$CHECK", &check),
            ("$DOCS", &self.docs()),
            ("$STEPS", statements),
        ];
        let text = values.iter().fold(body, |text, (place, value)| text.replace(place, value));
        let imports = imports(&text, stack, role);
        text.replacen("$USES", &imports, 1)
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
        self.role == Role::Client && self.fault.lines.each().into_iter().flatten().any(Line::is_open)
    }

    /// Whether the program has to keep its requests: to look whether they end, or to cancel them.
    fn keeps(&self) -> bool {
        let cancels = |step: &Step| matches!(step, Step::Cancel(_));
        self.shows_open() || self.role == Role::Client && self.script.steps().iter().any(cancels)
    }

    /// What shows a panic of a task.
    fn watched(&self) -> &'static str {
        match self.fault.check.about {
            About::Panic => "    std::panic::set_hook(Box::new(|panic| say(format!(\"a task panicked: {panic}\"))));\n",
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

/// The constants of a check, and the statement that decides.
fn checked(Check { begins, should, first, .. }: &Check) -> (String, &'static str) {
    match (should, first) {
        (None, _) => (
            format!("/// How a line begins that is seen when the fault is gone.\nconst EXPECTED: &str = {begins:?};"),
            "let is_faulty = !SEEN.lock().unwrap().iter().any(|line| line.starts_with(EXPECTED));",
        ),
        (Some(expected), None) => (
            format!(
                "const EXPECTED: &str = {expected:?};\n/// How a line begins that is seen while the fault is there.\n\
                 const FAULT: &str = {begins:?};"
            ),
            "let is_faulty = SEEN.lock().unwrap().iter().any(|line| line.starts_with(FAULT));",
        ),
        (Some(expected), Some(first)) => (
            format!(
                "const EXPECTED: &str = {expected:?};\n/// While the fault is there, the first line is seen before the \
                 second.\nconst FAULT: [&str; 2] = [{begins:?}, {first:?}];"
            ),
            "let seen = SEEN.lock().unwrap();\n    \
             let [at, first] = FAULT.map(|begins| seen.iter().position(|line| line.starts_with(begins)));\n    \
             let is_faulty = at.is_some_and(|at| first.is_none_or(|first| at < first));",
        ),
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

/// The `use` lines for what a text names.
fn imports(text: &str, stack: StackName, role: Role) -> String {
    let hyper = imports_of_hyper(stack, role);
    let names = |needle: &str| {
        let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        text.match_indices(needle).any(|(at, _)| {
            let before = at.checked_sub(1).and_then(|at| text.as_bytes().get(at));
            let begins_word = is_word(needle.as_bytes().first());
            let after = text.as_bytes().get(at + needle.len());
            let ends_word = is_word(needle.as_bytes().last());
            !(begins_word && (is_word(before) || before == Some(&b':') || before == Some(&b'.')))
                && !(ends_word && is_word(after))
        })
    };
    let has_own_bytes = |path: &str| hyper.iter().any(|(_, own, _)| *own == format!("body::{path}"));
    let mut used: Vec<(&str, &str)> = IMPORTS
        .iter()
        .filter(|(root, path, _)| !(*root == "bytes" && has_own_bytes(path)))
        .chain(hyper)
        .filter(|(_, _, needle)| names(needle))
        .map(|(root, path, _)| (*root, *path))
        .collect();
    used.dedup();
    let mut roots: Vec<&str> = used.iter().map(|(root, _)| *root).collect();
    roots.sort_unstable();
    roots.dedup();
    let lines = roots.into_iter().map(|root| {
        let paths: Vec<&str> = used.iter().filter(|(of, _)| *of == root).map(|(_, path)| *path).collect();
        let paths = nested(&paths);
        match &paths[..] {
            [one] => format!("use {root}::{one};"),
            more => {
                let joined = format!("use {root}::{{{}}};", more.join(", "));
                if joined.len() <= WIDTH { joined } else { wrapped(root, more) }
            }
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The paths, with those of one module in one pair of braces. They are sorted by module.
fn nested(paths: &[&str]) -> Vec<String> {
    let split = |path: &&str| {
        path.rsplit_once("::")
            .map_or((String::new(), (*path).to_owned()), |(module, name)| (module.to_owned(), name.to_owned()))
    };
    let paths: Vec<_> = paths.iter().map(split).collect();
    let modules = paths.chunk_by(|(one, _), (next, _)| !one.is_empty() && one == next);
    let names = modules.map(|paths| match paths {
        [(module, name)] if module.is_empty() => name.clone(),
        [(module, name)] => format!("{module}::{name}"),
        more => {
            let names: Vec<&str> = more.iter().map(|(_, name)| &**name).collect();
            format!("{}::{{{}}}", more[0].0, names.join(", "))
        }
    });
    names.collect()
}

/// A `use` line of several lines, each with as many paths as fit.
fn wrapped(root: &str, paths: &[String]) -> String {
    let (mut text, mut line) = (format!("use {root}::{{\n"), String::from("   "));
    for path in paths {
        if line.len() + path.len() + 2 > WIDTH {
            text += &std::mem::replace(&mut line, String::from("   "));
            text.push('\n');
        }
        line += &format!(" {path},");
    }
    text + &line + "\n};"
}
