//! What the deciding link of a chain means, what to do about it, and which scenarios show it.

use super::{Answer, NotSaid};
use crate::{
    chain::{H2Link, HyperLink, IoKind, Link, Origin, Scope},
    http2::ErrorCode,
};

impl Answer {
    /// What happened, in a sentence.
    pub fn means(&self) -> String {
        match self.deciding_link() {
            Some(Link::H2(H2Link { reason: Some(code), .. })) if self.not_said.contains(&NotSaid::Frame) => {
                format!("The request, or its connection, was ended with {code}.")
            }
            Some(Link::H2(h2)) => of_h2(h2),
            Some(Link::Pool { .. }) => "No connection was made.".into(),
            Some(Link::Hyper(hyper)) => of_hyper(hyper).into(),
            Some(Link::Io(IoKind(kind))) => format!("The transport failed: {kind}."),
            Some(Link::Elapsed) => "The application stopped waiting: a timeout expired.".into(),
            _ => "The request failed, and the text does not say why.".into(),
        }
    }

    /// What to set or to do, where that is known.
    pub fn to_do(&self) -> Option<&'static str> {
        Some(match self.deciding_link()? {
            Link::H2(H2Link { origin: Origin::Remote, scope, reason: Some(code) }) => match (*scope, *code) {
                (Scope::Connection, ErrorCode::NO_ERROR) => {
                    "This is normal: load balancers take connections out of use all day. Send the request again on a \
                     new connection, if the client does not do it."
                }
                (_, ErrorCode::ENHANCE_YOUR_CALM) => {
                    "Send less. With the debug data `too_many_pings`, make the interval of HTTP/2 keep-alive longer, \
                     and do not ping while idle."
                }
                (_, ErrorCode::REFUSED_STREAM) => {
                    "Send it again, after a pause if it happens often: the peer takes fewer requests at once than the \
                     client sends."
                }
                (_, ErrorCode::HTTP_1_1_REQUIRED) => "Make this client, or this host, use HTTP/1.1 only.",
                (_, ErrorCode::INTERNAL_ERROR) => "Look into the log of the server, or of the proxy before it.",
                _ => return None,
            },
            Link::H2(H2Link { origin: Origin::Library, .. }) => {
                "Look at the peer and at the proxies before it: `RUST_LOG=h2=debug` shows the frame that h2 objects to."
            }
            Link::Pool { .. } => "Look at the address, DNS, TLS and firewalls; set a connect timeout.",
            Link::Hyper(HyperLink { user: true, .. }) => {
                "Look at how the application uses the client, or why it dropped the connection's task."
            }
            Link::Hyper(HyperLink { timeout: true, .. }) => {
                "HTTP/2 keep-alive found a dead connection: look at the network, and at what drops idle connections."
            }
            Link::Hyper(HyperLink { canceled, closed, incomplete_message, .. })
                if *canceled || *closed || *incomplete_message =>
            {
                "The connection closed as the request was sent: set the idle timeout of the pool below that of the \
                 server."
            }
            Link::Io(_) | Link::H2(H2Link { scope: Scope::Transport, .. }) => {
                "If idle connections break, set the idle timeout of the pool below that of the server, or turn on \
                 HTTP/2 keep-alive."
            }
            Link::Elapsed => "See whether the timeout is longer than the slowest response takes.",
            _ => return None,
        })
    }

    /// The names of built-in scenarios in which a request ends like this.
    pub fn scenarios(&self) -> Vec<String> {
        let names: &[&str] = match self.deciding_link() {
            Some(Link::H2(H2Link { origin: Origin::Remote, scope, reason: Some(code) })) => match (*scope, *code) {
                (Scope::Stream, code) => {
                    let name = code.name().map(|name| name.to_ascii_lowercase().replace('_', "-"));
                    return vec![format!("rst-stream-{}", name.unwrap_or("with-an-unknown-code".into()))];
                }
                (_, ErrorCode::NO_ERROR) => &["goaway-below-our-stream", "one-goaway-disowns-many-streams"],
                (_, ErrorCode::ENHANCE_YOUR_CALM) => &["goaway-too-many-pings"],
                (_, ErrorCode::HTTP_1_1_REQUIRED) => &["goaway-http-1-1-required"],
                (_, ErrorCode::INADEQUATE_SECURITY) => &["goaway-inadequate-security"],
                (_, ErrorCode::INTERNAL_ERROR) => &["goaway-internal-error-below-our-stream"],
                _ => &[],
            },
            Some(Link::H2(H2Link { origin: Origin::Library, scope: Scope::Stream, .. })) => {
                &["connection-specific-field"]
            }
            Some(Link::H2(H2Link { origin: Origin::Library, .. })) => &["content-on-the-connection"],
            Some(Link::H2(H2Link { scope: Scope::Transport, .. })) => {
                &["connection-reset-in-the-middle-of-a-body", "eof-in-the-middle-of-a-body"]
            }
            Some(Link::Hyper(HyperLink { user: true, .. })) => &["goaway-while-a-request-waits-for-a-slot"],
            Some(Link::Hyper(HyperLink { canceled: true, .. })) => &["a-request-after-goaway-is-never-sent"],
            Some(Link::Hyper(HyperLink { closed: true, .. })) => &["a-request-on-a-connection-that-has-ended"],
            Some(Link::Hyper(HyperLink { timeout: true, .. })) => &["the-peer-falls-silent"],
            Some(Link::Io(_)) => &["eof-before-the-head"],
            _ => &[],
        };
        names.iter().map(|name| (*name).to_owned()).collect()
    }
}

fn of_h2(h2: &H2Link) -> String {
    let code = h2.reason.map_or_else(String::new, |code| format!(" with {code}"));
    match (h2.origin, h2.scope) {
        (Origin::Remote, Scope::Connection) if h2.reason == Some(ErrorCode::NO_ERROR) => {
            "The peer closes the connection in an orderly way: it sent GOAWAY with NO_ERROR.".into()
        }
        (Origin::Remote, Scope::Connection) => format!("The peer closed the connection: it sent GOAWAY{code}."),
        (Origin::Remote, _) => format!("The peer ended this request alone: it sent RST_STREAM{code}."),
        (Origin::Library, Scope::Connection) => {
            format!("The client's own h2 found a fault in what the peer sent, and closed the connection{code}.")
        }
        (Origin::Library, _) => {
            format!("The client's own h2 found a fault in this response, and reset its stream{code}.")
        }
        (Origin::User, Scope::Transport) => "The transport under the connection failed.".into(),
        (Origin::User, Scope::Call) => format!("h2 refused a call of the application{code}."),
        (Origin::User, _) => format!("The application, or hyper for it, reset its own stream{code}."),
    }
}

fn of_hyper(hyper: &HyperLink) -> &'static str {
    if hyper.user {
        "hyper says that the application is at fault."
    } else if hyper.canceled || hyper.closed {
        "The connection was closed before the request was written, and hyper handed the request back."
    } else if hyper.timeout {
        "The peer answered no HTTP/2 ping in time, so hyper closed the connection."
    } else if hyper.incomplete_message {
        "The connection closed after the request was written, and before its response was complete."
    } else if hyper.parse {
        "The peer sent a response that is not HTTP/1.1."
    } else {
        "The request failed in hyper, and the text does not say why."
    }
}
