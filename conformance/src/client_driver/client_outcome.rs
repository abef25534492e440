//! The outcome of a script for a client.

use super::Received;
use crate::{
    classifiers::Opinion,
    peer::Record,
    rfc9113::{Model, Truth},
    script::Script,
    stacks::{End, Observation},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, iter, time::Duration};

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
    /// What crossed the other connections that the script names, in the order in which they were opened.
    pub later: Vec<Record>,
    /// Further facts about each request, in the order of their numbers.
    pub requests: Vec<ClientRequestOutcome>,
    /// The number of connections that the client opened.
    pub connections: usize,
    /// The steps that could not be played.
    pub unplayable: Vec<usize>,
    /// Whether a part was left out in real time, because the client did not open the stream that it is about.
    pub lacks_stream: bool,
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
    /// How often it was received on each connection of the script, the first one first.
    pub on_scripted: Vec<usize>,
    /// How often a server of the suite received it, on a connection that the script does not name.
    pub beyond: usize,
}

impl ClientRequestOutcome {
    /// How often it was sent.
    pub fn attempts(&self) -> usize {
        self.on_first() + self.on_later()
    }

    /// How often it was received on the first connection.
    pub fn on_first(&self) -> usize {
        self.on_scripted.first().copied().unwrap_or_default()
    }

    /// How often it was received on a later connection.
    pub fn on_later(&self) -> usize {
        self.on_scripted.iter().skip(1).sum::<usize>() + self.beyond
    }

    /// Whether it may have been executed more than once, by the truth about it on each connection of the script. A server
    /// of the suite has executed what it received.
    pub fn may_have_run_twice<'t>(&self, truths: impl IntoIterator<Item = &'t Truth>) -> bool {
        let attempts = truths.into_iter().zip(&self.on_scripted);
        let may_have_run: Vec<bool> =
            attempts.flat_map(|(truth, times)| iter::repeat_n(!truth.is_unprocessed(), *times)).collect();
        // The last attempt may run.
        let earlier = may_have_run.len().saturating_sub(usize::from(self.beyond == 0));
        self.beyond > 1 || may_have_run[..earlier].contains(&true)
    }

    /// Whether what the application got can only come from the last connection of the script that received it.
    pub fn met_the_script_alone(&self) -> bool {
        self.on_scripted.iter().all(|times| *times <= 1) && self.beyond == 0
    }

    /// The index of the last connection of the script that received it; the last of all if none did.
    pub fn last_scripted(&self) -> usize {
        let last = self.on_scripted.len().saturating_sub(1);
        self.on_scripted.iter().rposition(|times| *times > 0).unwrap_or(last)
    }
}

impl ClientOutcome {
    /// The outcome for a bare stack, which has one connection and sends nothing again.
    pub fn of_bare(observation: Observation) -> ClientOutcome {
        let of = |number| {
            let on_first = usize::from(observation.record.stream_of(number).is_some());
            ClientRequestOutcome { on_scripted: vec![on_first], ..ClientRequestOutcome::default() }
        };
        let requests = (0..observation.requests.len()).map(of).collect();
        ClientOutcome { observation, requests, connections: 1, ..ClientOutcome::default() }
    }

    /// What RFC 9113 says about the exchange on each connection of the script.
    pub fn models(&self, script: &Script) -> Vec<Model> {
        self.records().map(|record| Model::of(script, record)).collect()
    }

    /// What crossed each connection of the script, the first one first.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        iter::once(&self.observation.record).chain(&self.later)
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
