//! What a client sends, told from its first frame to what both servers made of it.

use super::{
    SCHEMA, STYLES,
    case::{DivergenceReport, LONGEST_IN_A_COMMAND, command_on, messages},
    explain::{heading, row, write_divergence, write_exchange, write_panics, write_stacks},
    layout::{indented, paragraph},
    timeline,
};
use crate::{
    chain::Chain,
    judge::ServerJudgement,
    script::{Script, text::to_hex},
    servers::{ClientBytes, Difference, ServerComparison, ServerEnd, ServerSide},
    stacks::{End, Profile},
    vocabulary::PerStack,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeSet,
    fmt::{self, Write},
};

/// What a client sends, and what both servers made of it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerCase {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The file's name.
    pub name: String,
    /// The settings of the servers.
    pub profile: Profile,
    /// What the client sends, in hexadecimal digits.
    pub bytes: String,
    /// The command that plays it again.
    pub replay: String,
    /// What each server made of the client, by the name of its stack.
    #[serde(flatten)]
    pub sides: PerStack<ServerReport>,
    /// What a server does that it must not, whatever the other one does.
    pub fault: Option<String>,
    /// What the servers tell their clients, or their applications, differently.
    pub differences: Vec<Difference>,
    /// The entries of the servers' ledger that explain what differs.
    pub divergences: Vec<DivergenceReport>,
    /// Whether the servers differ by their own settings only; never on equal ones.
    pub configuration: bool,
    /// Whether there is something that nothing explains.
    pub unexplained: bool,
}

/// What one server made of a client.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerReport {
    /// The exchange, a line an event: `->` from the client, `<-` from the server.
    pub timeline: Vec<String>,
    /// What it sent on each stream.
    pub streams: Vec<StreamReport>,
    /// The last stream and the code of each GOAWAY that it sent.
    pub goaways: Vec<(u32, String)>,
    /// How the connection ended: open, without an error, or the links of the error that were read.
    pub end: String,
    /// The error's links as they print themselves.
    pub messages: Vec<String>,
    /// The links as they were read.
    pub chain: Option<Chain>,
    /// What tasks of the server panicked with.
    pub panics: Vec<String>,
}

/// What a server sent on one stream.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamReport {
    /// The stream.
    pub stream: u32,
    /// The field lines of each block; none for one that does not decode.
    pub blocks: Vec<Option<Vec<(String, String)>>>,
    /// The content, bytes that are not printable ASCII as escapes.
    pub content: String,
    /// Whether a frame had END_STREAM.
    pub ended: bool,
    /// The code of every RST_STREAM.
    pub resets: Vec<String>,
}

impl ServerJudgement {
    /// The case in the form that is reported.
    pub fn into_case(self, name: &str, sent: &ClientBytes) -> ServerCase {
        let mut case = ServerCase::new(name, sent, &self.comparison, self.profile);
        case.divergences = self.divergences.into_iter().map(Into::into).collect();
        case.configuration = self.configuration;
        case.unexplained = self.unexplained;
        case
    }
}

impl ServerCase {
    /// The case of a comparison, before it is held against anything.
    pub fn new(name: &str, sent: &ClientBytes, comparison: &ServerComparison, profile: Profile) -> ServerCase {
        let script = sent.frames();
        ServerCase {
            schema: SCHEMA,
            name: name.into(),
            profile,
            bytes: to_hex(sent.bytes()),
            replay: command("explain", sent, profile),
            sides: comparison.sides.map(|side| ServerReport::new(side, &script)),
            fault: comparison.fault().map(|fault| fault.to_string()),
            differences: comparison.differences(),
            divergences: Vec::new(),
            configuration: false,
            unexplained: false,
        }
    }
}

/// The command that makes what a client sends smaller, as long as the servers differ in the same way.
pub fn shrink(sent: &ClientBytes, profile: Profile) -> String {
    command("minimize", sent, profile)
}

fn command(verb: &str, sent: &ClientBytes, profile: Profile) -> String {
    if sent.bytes().len() > LONGEST_IN_A_COMMAND {
        return format!("{}, with the bytes in FILE", command_on(verb, "server:FILE", profile));
    }
    command_on(verb, &format!("server:hex:{}", to_hex(sent.bytes())), profile)
}

impl ServerReport {
    fn new(side: &ServerSide, script: &Script) -> ServerReport {
        let outcome = side.outcome();
        let streams = outcome.streams.iter().map(|(stream, sent)| StreamReport {
            stream: stream.get(),
            blocks: sent.blocks.clone(),
            content: sent.content.escape_ascii().to_string(),
            ended: sent.ended,
            resets: sent.resets.iter().map(ToString::to_string).collect(),
        });
        ServerReport {
            timeline: timeline::lines_of_server(&side.observation.record, script),
            streams: streams.collect(),
            goaways: outcome.goaways.iter().map(|(last, code)| (last.get(), code.to_string())).collect(),
            end: side.end.to_string(),
            messages: match side.observation.requests.first().map(|connection| &connection.end) {
                Some(End::Failed(_, error)) => messages(error.as_ref().as_ref()),
                _ => Vec::new(),
            },
            chain: match &side.end {
                ServerEnd::Failed(chain) => Some(chain.clone()),
                _ => None,
            },
            panics: side.observation.panics.clone(),
        }
    }
}

/// The case as text, styled for a terminal; strip the styles for a file.
pub fn explain(case: &ServerCase) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write_case(case, &mut text);
    text
}

fn write_case(case: &ServerCase, out: &mut String) -> fmt::Result {
    writeln!(out, "{}", heading(&case.name))?;
    if case.profile != Profile::Equal {
        paragraph(out, "Played with the settings that each server comes with.")?;
    }
    write_exchange(&case.sides, |side| &side.timeline, out)?;
    write_streams(case, out)?;
    write_connection(case, out)?;
    write_comparison(case, out)?;
    writeln!(out, "\n{}\n  {}", heading("Play it again"), case.replay)
}

fn write_streams(case: &ServerCase, out: &mut String) -> fmt::Result {
    let sides = case.sides.each();
    let streams: BTreeSet<u32> = sides.into_iter().flat_map(|side| &side.streams).map(|stream| stream.stream).collect();
    for stream in streams {
        writeln!(out, "\n{}", heading(&format!("What the client was told on stream {stream}")))?;
        let [legacy, modern] = sides.map(|side| side.streams.iter().find(|sent| sent.stream == stream));
        let mut line = |label: &str, show: fn(&StreamReport) -> String| {
            row(out, label, &legacy.map(show).unwrap_or_default(), &modern.map(show).unwrap_or_default())
        };
        line("fields", |sent| sent.blocks.iter().map(block).collect::<Vec<_>>().join("; then "))?;
        line("content", |sent| sent.content.clone())?;
        line("ended", |sent| if sent.ended { "with END_STREAM" } else { "not with END_STREAM" }.into())?;
        line("reset", |sent| sent.resets.join(", "))?;
    }
    Ok(())
}

fn block(fields: &Option<Vec<(String, String)>>) -> String {
    let Some(fields) = fields else { return "a block that does not decode".into() };
    fields.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
}

fn write_connection(case: &ServerCase, out: &mut String) -> fmt::Result {
    writeln!(out, "\n{}", heading("How the connection ended"))?;
    write_stacks(out)?;
    let [legacy, modern] = case.sides.each();
    let goaways = |side: &ServerReport| {
        let goaways = side.goaways.iter().map(|(last, code)| format!("{code} last_stream_id={last}"));
        goaways.collect::<Vec<_>>().join(", ")
    };
    row(out, "GOAWAY", &goaways(legacy), &goaways(modern))?;
    for link in 0..legacy.messages.len().max(modern.messages.len()) {
        let shown = |side: &ServerReport| side.messages.get(link).cloned().unwrap_or_default();
        row(out, if link == 0 { "error" } else { "from" }, &shown(legacy), &shown(modern))?;
    }
    row(out, "read as", &legacy.end, &modern.end)?;
    write_panics(&case.sides, |side| &side.panics, out)
}

fn write_comparison(case: &ServerCase, out: &mut String) -> fmt::Result {
    writeln!(out, "\n{}", heading("The comparison"))?;
    if case.differences.is_empty() && case.fault.is_none() {
        paragraph(out, "Both servers agree.")?;
    }
    for broken in case.fault.iter().cloned().chain(case.differences.iter().map(ToString::to_string)) {
        indented(out, &broken, "    ")?;
    }
    for entry in &case.divergences {
        write_divergence(entry, out)?;
    }
    if case.configuration {
        writeln!(out)?;
        paragraph(
            out,
            "Configuration: the servers differ by their own settings only. On equal ones nothing is unexplained.",
        )?;
    }
    if case.unexplained {
        let bad = format!("{}Nothing explains this.{}", STYLES.bad, STYLES.bad.render_reset());
        writeln!(out, "\n  {bad}")?;
    }
    Ok(())
}
