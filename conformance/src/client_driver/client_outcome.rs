//! The outcome of a script for a client.

use super::Received;
use crate::{
    classifiers::Opinion,
    stacks::{End, Observation},
    vocabulary::Processed,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, time::Duration};

/// A client's name for an error, and its meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorLabel {
    /// The client's own name for the error.
    pub text: String,
    /// The same in the suite's terms, such as whether the client sends the request again.
    pub opinion: Opinion,
}

/// The outcome of a script for one client.
#[derive(Debug, Default)]
pub struct ClientOutcome {
    /// What the application saw, and what crossed the first connection.
    pub observation: Observation,
    /// Further facts about each request, in the order of their numbers.
    pub requests: Vec<ClientRequestOutcome>,
    /// The number of connections that the client opened.
    pub connections: usize,
    /// The steps that could not be played.
    pub unplayable: Vec<usize>,
    /// What is known of the responses whose content the client did not show, by the numbers of their requests.
    pub received: BTreeMap<usize, Received>,
    /// What the client logged, in order.
    pub logged: Vec<LogLine>,
}

/// Facts about one request that a bare stack does not have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientRequestOutcome {
    /// The client's label for the error, if the request failed before there was a response.
    pub label: Option<ErrorLabel>,
    /// The virtual time between its issue and its end; `None` if it did not end.
    pub took: Option<Duration>,
    /// How often the script's peer received it.
    pub on_first: usize,
    /// How often it was received on a later connection.
    pub on_later: usize,
}

impl ClientRequestOutcome {
    /// How often it was sent.
    pub fn attempts(&self) -> usize {
        self.on_first + self.on_later
    }

    /// Whether it may have been executed more than once. `processed` is the model's answer for the first connection; a
    /// healthy server behind it has executed what it received.
    pub fn may_have_run_twice(&self, processed: &[Processed]) -> bool {
        self.attempts() > 1 && (self.on_later > 1 || *processed != [Processed::No])
    }

    /// Whether it was sent at most once, and only to the script's peer.
    pub fn met_the_script_alone(&self) -> bool {
        self.on_first <= 1 && self.on_later == 0
    }
}

impl ClientOutcome {
    /// The outcome for a bare stack, which has one connection and sends nothing again.
    pub fn of_bare(observation: Observation) -> ClientOutcome {
        let of = |number| {
            let on_first = usize::from(observation.record.stream_of(number).is_some());
            ClientRequestOutcome { on_first, ..ClientRequestOutcome::default() }
        };
        let requests = (0..observation.requests.len()).map(of).collect();
        ClientOutcome { observation, requests, connections: 1, ..ClientOutcome::default() }
    }

    /// Whether the application received a response and was told that it is complete.
    pub fn is_complete(&self, request: usize) -> bool {
        matches!(self.observation.requests[request].end, End::Complete)
    }
}

/// A line of a log: the message without its other fields.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LogLine {
    /// Its level.
    pub level: LogLevel,
    /// The module that logged it.
    pub target: String,
    /// The message.
    pub message: String,
    /// The number of times it was logged.
    pub times: usize,
}

impl LogLine {
    /// Each line once, with its count. The order is left out, because it depends on the sockets of the requests.
    pub fn counted(lines: Vec<LogLine>) -> Vec<LogLine> {
        let mut counted: BTreeMap<_, usize> = BTreeMap::new();
        for LogLine { level, target, message, times } in lines {
            *counted.entry((level, target, message)).or_default() += times;
        }
        let lines = counted.into_iter();
        lines.map(|((level, target, message), times)| LogLine { level, target, message, times }).collect()
    }
}

/// The level of a line, the most severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum LogLevel {
    /// `ERROR`.
    Error,
    /// `WARN`.
    Warn,
    /// `INFO`.
    Info,
    /// `DEBUG` and below.
    Debug,
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}
