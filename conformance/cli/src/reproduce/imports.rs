//! The `use` lines of a program.

use super::{
    program::{Program, Role},
    steps::WIDTH,
};
use conformance::vocabulary::StackName;

/// The names that a program can import: the crate, the path in it, and the text that needs it.
const IMPORTS: &[(&str, &str, &str)] = &[
    ("bytes", "Bytes", "Bytes"),
    ("h2", "Reason", "Reason::"),
    ("http_body_util", "BodyExt", ".collect().await"),
    ("http_body_util", "BodyExt", ".frame().await"),
    ("http_body_util", "Full", "Full"),
    ("hyper_util", "client::legacy::Client", "Client"),
    ("hyper_util", "client::legacy::connect::HttpConnector", "HttpConnector"),
    ("hyper_util", "rt::TokioExecutor", "TokioExecutor"),
    ("hyper_util", "rt::TokioIo", "TokioIo"),
    ("hyper_util", "rt::TokioTimer", "TokioTimer"),
    ("std", "future::pending", "pending::<"),
    ("std", "io", "io::"),
    ("std", "pin::Pin", "Pin"),
    ("std", "process::exit", "exit("),
    ("std", "sync::Arc", "Arc"),
    ("std", "sync::Mutex", "Mutex"),
    ("std", "sync::atomic::AtomicBool", "AtomicBool"),
    ("std", "sync::atomic::AtomicUsize", "AtomicUsize"),
    ("std", "sync::atomic::Ordering::Relaxed", "Relaxed"),
    ("std", "task::Context", "Context"),
    ("std", "task::Poll", "Poll"),
    ("std", "task::ready", "ready!"),
    ("std", "time::Duration", "Duration"),
    ("tokio", "io::AsyncRead", "AsyncRead"),
    ("tokio", "io::AsyncReadExt", ".read_exact("),
    ("tokio", "io::AsyncReadExt", ".read_to_end("),
    ("tokio", "io::AsyncWrite", "AsyncWrite"),
    ("tokio", "io::AsyncWriteExt", ".write_all("),
    ("tokio", "io::DuplexStream", "DuplexStream"),
    ("tokio", "io::ReadBuf", "ReadBuf"),
    ("tokio", "io::ReadHalf", "ReadHalf"),
    ("tokio", "io::WriteHalf", "WriteHalf"),
    ("tokio", "io::copy", "copy("),
    ("tokio", "io::duplex", "duplex("),
    ("tokio", "io::join", "join("),
    ("tokio", "io::sink", "sink("),
    ("tokio", "io::split", "split("),
    ("tokio", "net::TcpListener", "TcpListener"),
    ("tokio", "spawn", "spawn("),
    ("tokio", "sync::mpsc::UnboundedReceiver", "UnboundedReceiver"),
    ("tokio", "sync::mpsc::unbounded_channel", "unbounded_channel("),
    ("tokio", "sync::watch", "watch::"),
    ("tokio", "task::yield_now", "yield_now("),
    ("tokio", "time::sleep", "sleep("),
    ("tokio", "time::timeout", "timeout("),
];

/// The same for hyper, whose paths depend on the stack and the role.
fn imports_of_hyper(stack: StackName, role: Role) -> &'static [(&'static str, &'static str, &'static str)] {
    match (stack, role) {
        (StackName::Legacy, Role::Client) => &[
            ("hyper", "Body", "Body::"),
            ("hyper", "Body", "Body>"),
            ("hyper", "Request", "Request::"),
            ("hyper", "body::Bytes", "Bytes"),
            ("hyper", "body::HttpBody", ".data().await"),
            ("hyper", "body::HttpBody", ".size_hint()"),
            ("hyper", "body::HttpBody", "HttpBody for"),
            ("hyper", "body::SizeHint", "SizeHint::"),
            ("hyper", "client::Client", "Client"),
            ("hyper", "client::HttpConnector", "HttpConnector"),
            ("hyper", "client::conn::http2::Builder", "Builder::new"),
            ("hyper", "client::conn::http2::SendRequest", "SendRequest"),
            ("hyper", "http::HeaderMap", "HeaderMap"),
            ("hyper", "http::HeaderValue", "HeaderValue"),
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
            ("hyper", "http::HeaderMap", "HeaderMap"),
            ("hyper", "http::HeaderValue", "HeaderValue"),
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

/// The `use` lines for what a text names.
pub(super) fn imports(text: &str, program: &Program<'_>) -> String {
    let hyper = imports_of_hyper(program.stack, program.role);
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
    // Some names have a crate of their own only where hyper does not have them.
    let has_own = |path: &str| {
        let name = path.rsplit("::").next();
        hyper.iter().any(|(_, own, _)| own.rsplit("::").next() == name)
    };
    let mut used: Vec<(&str, &str)> = IMPORTS
        .iter()
        .filter(|(_, path, _)| !has_own(path))
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
