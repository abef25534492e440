//! An error chain with the library versions taken out.
//!
//! The readers in `classifiers` turn the errors of one stack into a [`Chain`]. Code that gets a chain cannot tell which
//! stack it came from. A chain contains no text: what an error prints never decides.

use crate::{http2::ErrorCode, script::IoFailure};
use serde::{Deserialize, Serialize, de};
use std::{fmt, io};

/// The links of an error chain, outermost first.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Chain {
    /// The links that were read.
    pub links: Vec<Link>,
    /// Whether the chain went on after [`Chain::READING_LIMIT`] links.
    pub cut: bool,
}

impl Chain {
    /// The maximum number of links read; a longer chain may have no end.
    pub const READING_LIMIT: usize = 1024;

    /// Whether the chain has errors of the other stack, and apart from them only unknown types.
    pub fn is_foreign(&self) -> bool {
        self.links.contains(&Link::Foreign) && self.links.iter().all(|link| matches!(link, Link::Foreign | Link::Other))
    }

    /// The first link that is an error of h2.
    pub fn h2(&self) -> Option<&H2Link> {
        self.links.iter().find_map(|link| match link {
            Link::H2(h2) => Some(h2),
            _ => None,
        })
    }

    /// The first link that is an error of hyper.
    pub fn hyper(&self) -> Option<&HyperLink> {
        self.links.iter().find_map(|link| match link {
            Link::Hyper(hyper) => Some(hyper),
            _ => None,
        })
    }

    /// The kind of the first link that is an I/O error.
    pub fn io(&self) -> Option<io::ErrorKind> {
        self.links.iter().find_map(|link| match link {
            Link::Io(IoKind(kind)) => Some(*kind),
            _ => None,
        })
    }
}

/// One error of a chain, as its type and its public predicates describe it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Link {
    /// The error of hyper's connection pool: hyper-util's `legacy::Error`, or an error of hyper 0.14 that only its pool
    /// gives.
    Pool {
        /// `is_connect`: no connection was made.
        connect: bool,
    },
    /// hyper's own error.
    Hyper(HyperLink),
    /// h2's own error.
    H2(H2Link),
    /// An `std::io::Error`.
    Io(IoKind),
    /// tokio's `Elapsed`: a timeout that the application put around the request.
    Elapsed,
    /// An error of the stack that the reader does not read.
    Foreign,
    /// An error of a type that the reader does not know.
    Other,
}

/// The predicates of `hyper::Error` that both generations have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct HyperLink {
    /// `is_timeout`
    pub timeout: bool,
    /// `is_user`
    pub user: bool,
    /// `is_canceled`
    pub canceled: bool,
    /// `is_closed`
    pub closed: bool,
    /// `is_incomplete_message`
    pub incomplete_message: bool,
    /// `is_body_write_aborted`
    pub body_write_aborted: bool,
    /// `is_parse`
    pub parse: bool,
}

/// The public properties of `h2::Error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct H2Link {
    /// What the error ended.
    pub scope: Scope,
    /// Who found the error.
    pub origin: Origin,
    /// `reason`
    pub reason: Option<ErrorCode>,
}

/// What an error of h2 ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// The connection: `is_go_away`.
    Connection,
    /// One stream: `is_reset`.
    Stream,
    /// The transport under the connection: `is_io`.
    Transport,
    /// None of these: a call that the library refused.
    Call,
}

/// Who found an error of h2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The peer said so in a frame: `is_remote`.
    Remote,
    /// The library itself: `is_library`.
    Library,
    /// Neither: the library's user, or the transport.
    User,
}

/// The kind of an I/O error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IoKind(pub io::ErrorKind);

impl Serialize for IoKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:?}", self.0))
    }
}

impl<'de> Deserialize<'de> for IoKind {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<IoKind, D::Error> {
        let name = String::deserialize(deserializer)?;
        let failure = IoFailure::from_name(&name);
        failure.map(|failure| IoKind(failure.kind())).ok_or_else(|| de::Error::custom(format!("unknown kind `{name}`")))
    }
}

/// The links, each with the predicates that are true.
impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, link) in self.links.iter().enumerate() {
            if index > 0 {
                f.write_str(" > ")?;
            }
            link.fmt(f)?;
        }
        if self.cut { f.write_str(" > …") } else { Ok(()) }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Link::Pool { connect: true } => f.write_str("pool(connect)"),
            Link::Pool { connect: false } => f.write_str("pool"),
            Link::Hyper(hyper) => hyper.fmt(f),
            Link::H2(h2) => h2.fmt(f),
            Link::Io(IoKind(kind)) => write!(f, "io({kind:?})"),
            Link::Elapsed => f.write_str("elapsed"),
            Link::Foreign => f.write_str("foreign"),
            Link::Other => f.write_str("other"),
        }
    }
}

impl fmt::Display for HyperLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = [
            (self.timeout, "timeout"),
            (self.user, "user"),
            (self.canceled, "canceled"),
            (self.closed, "closed"),
            (self.incomplete_message, "incomplete message"),
            (self.body_write_aborted, "body write aborted"),
            (self.parse, "parse"),
        ];
        let said: Vec<_> = said.into_iter().filter_map(|(holds, name)| holds.then_some(name)).collect();
        if said.is_empty() { f.write_str("hyper") } else { write!(f, "hyper({})", said.join(", ")) }
    }
}

impl fmt::Display for H2Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = match self.origin {
            Origin::Remote => "remote ",
            Origin::Library => "library ",
            Origin::User => "",
        };
        let scope = match self.scope {
            Scope::Connection => "GOAWAY",
            Scope::Stream => "RST_STREAM",
            Scope::Transport => "io",
            Scope::Call => "call",
        };
        write!(f, "h2({origin}{scope}")?;
        if let Some(reason) = self.reason {
            write!(f, " {reason}")?;
        }
        f.write_str(")")
    }
}
