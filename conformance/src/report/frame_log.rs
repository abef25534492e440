//! The answer to a log of frames.

use super::{
    Case, STYLES, TruthReport,
    explain::{explain as explain_case, heading},
    layout::{Text, count, hanging, written_within},
    styled,
};
use crate::{
    frame_logs::{LogSource, Missing},
    rfc9113::Certainty,
    vocabulary::Processed,
};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Write};

/// What became of the requests in a log of frames.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameLogCase {
    /// [`SCHEMA`](super::SCHEMA).
    pub schema: u32,
    /// The program that wrote the log.
    pub source: LogSource,
    /// What the log does not have.
    pub missing: Vec<Missing>,
    /// The connections with a request.
    pub connections: Vec<LoggedCase>,
}

/// One connection of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedCase {
    /// The stream of each request in the log.
    pub streams: Vec<u32>,
    /// What RFC 9113 says about each, by the frames in the log.
    pub requests: Vec<TruthReport>,
    /// The script made of it, played to both stacks; none if it has more than 5,000 steps.
    pub case: Option<Case>,
}

/// The answer as text, styled for a terminal of this width; strip the styles for a file.
pub fn explain(log: &FrameLogCase, width: usize) -> String {
    let answer = written_within(width, |out| write_answer(log, out));
    let played = log
        .connections
        .iter()
        .zip(1..)
        .filter_map(|(connection, number)| connection.case.as_ref().map(|case| (case, number)));
    let cases = played.map(|(case, number)| {
        let title = match log.connections.len() {
            1 => String::new(),
            _ => format!("\n{}\n", styled(STYLES.heading, &format!("Connection {number}"))),
        };
        format!("{title}\n{}", explain_case(case, width))
    });
    [answer].into_iter().chain(cases).collect()
}

fn write_answer(log: &FrameLogCase, out: &mut Text) -> fmt::Result {
    let requests = log.connections.iter().map(|connection| connection.streams.len() as u64).sum();
    let connections = count(log.connections.len() as u64, "connection");
    let (kind, of) = (log.source.kind(), log.source.name());
    let title = format!("A {kind} of {of} with {connections} and {}", count(requests, "request"));
    writeln!(out, "{}", styled(STYLES.heading, &title))?;
    for (LoggedCase { streams, requests, .. }, number) in log.connections.iter().zip(1..) {
        let place = if log.connections.len() > 1 { format!("connection {number}, ") } else { String::new() };
        let told: Vec<(u32, String)> =
            streams.iter().copied().zip(requests.iter().map(|truth| what_became_of(truth, kind))).collect();
        for alike in told.chunk_by(|one, next| one.1 == next.1) {
            let which = match alike {
                [(stream, _)] => format!("stream {stream}"),
                [(first, _), .., (last, _)] => format!("streams {first} to {last} ({} requests)", alike.len()),
                [] => continue,
            };
            hanging(out, &alike[0].1, &format!("  {place}{which}: "), "      ")?;
        }
    }
    if !log.missing.is_empty() {
        writeln!(out, "\n{}", heading(&format!("The {kind} does not have")))?;
    }
    log.missing.iter().try_for_each(|missing| hanging(out, &missing.to_string(), "  ", "    "))
}

/// What RFC 9113 makes of a request, and whether it may be sent again.
fn what_became_of(truth: &TruthReport, kind: &str) -> String {
    let ended = || truth.ended_by.as_ref().map_or(String::new(), |by| format!(" It ended by {by}."));
    let again = "Only a request that may run twice, such as a GET, may be sent again.";
    match &truth.processed[..] {
        [Processed::No] => {
            format!("not processed: {}. It may be sent again, also a POST (RFC 9113 §8.7).", truth.because)
        }
        _ if truth.complete == Certainty::Yes => "processed, and its response is complete.".into(),
        _ if truth.open == Certainty::Yes => format!("open where the {kind} ends: nothing has ended it."),
        processed if processed.contains(&Processed::Yes) => {
            format!("processed: {}. Its response is not complete.{} {again}", truth.because, ended())
        }
        _ => format!("may have been processed: {}.{} {again}", truth.because, ended()),
    }
}
