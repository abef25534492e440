//! The bytes of a client, and the outcome on both servers.

use super::{
    SCHEMA,
    case::{DivergenceReport, command_with, messages},
    explain::{heading, row, rows, write_exchange, write_laws, write_panics, write_stacks, write_unexplained},
    layout::{Text, paragraph, written_within},
    timeline,
};
use crate::{
    chain::Chain,
    judge::Judgement,
    oracles::Violation,
    script::{Script, text::to_hex},
    servers::{ClientBytes, ServerEnd, ServerSide, StreamOutcome, block_texts, goaway_texts},
    stacks::Profile,
    vocabulary::PerStack,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeSet,
    fmt::{self, Write},
};

/// The bytes of a client, and the outcome on both servers. Keys that [`Case`](super::Case) has too mean the same.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerCase {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The file's name.
    pub name: String,
    /// The settings of the servers.
    pub profile: Profile,
    /// The bytes that the client sends, in hexadecimal digits.
    pub bytes: String,
    /// The command that plays it again.
    pub replay: String,
    /// The outcome on each server, by the name of its stack.
    #[serde(flatten)]
    pub sides: PerStack<ServerReport>,
    /// The laws that are broken, explained or not.
    pub violations: Vec<Violation>,
    /// The entries of the servers' ledger that explain the differences.
    pub divergences: Vec<DivergenceReport>,
    /// Whether the servers differ only with their own settings; always false with equal settings.
    pub configuration: bool,
    /// Whether there is a violation that nothing explains.
    pub unexplained: bool,
}

/// The outcome on one server.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerReport {
    /// The exchange, one line per event: `->` from the client, `<-` from the server.
    pub timeline: Vec<String>,
    /// What it sent on each stream.
    pub streams: Vec<StreamOutcome>,
    /// The last stream and the code of each GOAWAY that it sent.
    pub goaways: Vec<(u32, String)>,
    /// How the connection ended: open, without an error, or the links of the error that were read.
    pub end: String,
    /// The text that each link of the error prints.
    pub messages: Vec<String>,
    /// The links as they were read.
    pub chain: Option<Chain>,
    /// The panics of the server's tasks.
    pub panics: Vec<String>,
}

impl Judgement<ServerSide> {
    /// The case of these client bytes, in the form that is reported.
    pub fn into_client_case(self, name: &str, sent: &ClientBytes) -> ServerCase {
        let script = sent.frames();
        ServerCase {
            schema: SCHEMA,
            name: name.into(),
            profile: self.profile,
            bytes: to_hex(sent.bytes()),
            replay: command("explain", sent, self.profile),
            sides: self.comparison.sides.map(|side| ServerReport::new(side, &script)),
            violations: self.violations,
            divergences: self.divergences.into_iter().map(Into::into).collect(),
            configuration: self.configuration,
            unexplained: self.unexplained,
        }
    }
}

/// The command that does this with client bytes, with these settings of the servers.
pub fn command(verb: &str, sent: &ClientBytes, profile: Profile) -> String {
    command_with(verb, "server:", sent.bytes(), "the bytes", profile)
}

impl ServerReport {
    fn new(side: &ServerSide, script: &Script) -> ServerReport {
        let outcome = side.outcome();
        ServerReport {
            timeline: timeline::lines_of_server(&side.observation.record, script),
            streams: outcome.streams.values().cloned().collect(),
            goaways: outcome.goaways.clone(),
            end: side.end.to_string(),
            messages: messages(&side.observation.connection),
            chain: match &side.end {
                ServerEnd::Failed(chain) => Some(chain.clone()),
                _ => None,
            },
            panics: side.observation.panics.clone(),
        }
    }
}

/// The case as text, styled for a terminal of this width; strip the styles for a file.
pub fn explain(case: &ServerCase, width: usize) -> String {
    written_within(width, |out| write_case(case, out))
}

fn write_case(case: &ServerCase, out: &mut Text) -> fmt::Result {
    writeln!(out, "{}", heading(&case.name))?;
    if case.profile != Profile::Equal {
        paragraph(out, "Played with the settings that each server comes with.")?;
    }
    write_exchange(case.sides.each().map(|side| &*side.timeline), out)?;
    write_streams(case, out)?;
    write_connection(case, out)?;
    write_laws(&case.violations, &case.divergences, case.configuration, out)?;
    write_unexplained(case.unexplained, out)?;
    writeln!(out, "\n{}\n  {}", heading("Play it again"), case.replay)
}

fn write_streams(case: &ServerCase, out: &mut Text) -> fmt::Result {
    let sides = case.sides.each();
    let streams: BTreeSet<u32> = sides.into_iter().flat_map(|side| &side.streams).map(|stream| stream.stream).collect();
    for stream in streams {
        writeln!(out, "\n{}", heading(&format!("What the client received on stream {stream}")))?;
        let [legacy, modern] = sides.map(|side| side.streams.iter().find(|sent| sent.stream == stream));
        let mut line = |label: &str, show: fn(&StreamOutcome) -> String| {
            row(out, label, &legacy.map(show).unwrap_or_default(), &modern.map(show).unwrap_or_default())
        };
        line("fields", |sent| block_texts(&sent.blocks).join("; then "))?;
        line("content", |sent| sent.content.clone())?;
        line("ended", |sent| if sent.ended { "with END_STREAM" } else { "not with END_STREAM" }.into())?;
        line("reset", |sent| sent.resets.join(", "))?;
    }
    Ok(())
}

fn write_connection(case: &ServerCase, out: &mut Text) -> fmt::Result {
    writeln!(out, "\n{}", heading("How the connection ended"))?;
    write_stacks(out)?;
    let [legacy, modern] = case.sides.each();
    let goaways = |side: &ServerReport| goaway_texts(&side.goaways).join(", ");
    row(out, "GOAWAY", &goaways(legacy), &goaways(modern))?;
    rows(out, ["error", "from"], [legacy, modern].map(|side| &side.messages[..]))?;
    row(out, "read as", &legacy.end, &modern.end)?;
    write_panics(&case.sides, |side| &side.panics, out)
}
