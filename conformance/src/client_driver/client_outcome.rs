//! What came of a script for a client.

use crate::{
    classifiers::Opinion,
    stacks::{End, Observation},
    vocabulary::Processed,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, time::Duration};

/// What a client calls an error, and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorLabel {
    /// The client's own word.
    pub text: String,
    /// The same as the suite's: whether it sends the request again, say.
    pub opinion: Opinion,
}

/// What came of a script for one client.
#[derive(Debug)]
pub struct ClientOutcome {
    /// What its application saw, and what crossed the first connection.
    pub observation: Observation,
    /// The rest of what is known of each request, in the order of their numbers.
    pub requests: Vec<ClientRequestOutcome>,
    /// How many connections the client opened.
    pub connections: usize,
    /// The steps that could not be played.
    pub unplayable: Vec<usize>,
    /// What the client logged, in order.
    pub logged: Vec<LogLine>,
}

/// What became of one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientRequestOutcome {
    /// What the client calls the error that it ended in, if it ended in one before there was a response.
    pub label: Option<ErrorLabel>,
    /// How much virtual time passed between its issue and its end; `None` if it did not end.
    pub took: Option<Duration>,
    /// How often the peer of the script got it.
    pub on_first: usize,
    /// How often it went to a server in good health after that.
    pub on_later: usize,
}

impl ClientRequestOutcome {
    /// How often it was sent.
    pub fn attempts(&self) -> usize {
        self.on_first + self.on_later
    }

    /// Whether the peer of the script is all that had to do with it: it went out once at most, and to nobody else.
    pub fn met_the_script_alone(&self) -> bool {
        self.on_first <= 1 && self.on_later == 0
    }
}

impl ClientOutcome {
    /// Whether the peer may have executed this request more than once, by what a model of RFC 9113 makes of the first
    /// connection.
    pub fn may_have_run_twice(&self, request: usize, processed: &[Processed]) -> bool {
        let played = &self.requests[request];
        played.attempts() > 1 && (played.on_later > 1 || processed.iter().any(|processed| *processed != Processed::No))
    }

    /// Whether the application got a response, whole as far as it was told.
    pub fn is_complete(&self, request: usize) -> bool {
        matches!(self.observation.requests[request].end, End::Complete)
    }
}

/// A line of a log: the message alone, without the fields beside it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LogLine {
    /// Its level.
    pub level: LogLevel,
    /// The module that logged it.
    pub target: String,
    /// What it says.
    pub message: String,
    /// How many times it was logged.
    pub times: usize,
}

impl LogLine {
    /// The lines, each once with its number: in which order two requests log is a matter of their sockets.
    pub fn counted(lines: Vec<LogLine>) -> Vec<LogLine> {
        let mut counted: BTreeMap<_, usize> = BTreeMap::new();
        for LogLine { level, target, message, times } in lines {
            *counted.entry((level, target, message)).or_default() += times;
        }
        let lines = counted.into_iter();
        lines.map(|((level, target, message), times)| LogLine { level, target, message, times }).collect()
    }
}

/// The level of a line, the loudest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum LogLevel {
    /// `ERROR`.
    Error,
    /// `WARN`.
    Warn,
    /// `INFO`.
    Info,
    /// `DEBUG`, and what is below it.
    Debug,
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            LogLevel::Error => "ERROR",
            LogLevel::Warn => "WARN",
            LogLevel::Info => "INFO",
            LogLevel::Debug => "DEBUG",
        })
    }
}
