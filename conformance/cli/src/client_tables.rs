//! The outcomes of the clients as tables for a terminal, at most 100 columns wide.

use conformance::{
    client_driver::LogLevel,
    oracles::clients::Mistake,
    report::{
        STYLES,
        clients::{ClientReport, ClientScenario, Ended, ExtraRuns},
        layout::{Text, count, hanging, indented, written},
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Write},
};

/// A number about a client: its head and its width in a terminal, its head in a page, empty if it is not there, and how
/// it is counted.
pub(crate) type Column = (&'static str, usize, &'static str, fn(&ClientReport) -> usize);

/// How a client's scenarios are judged.
pub(crate) const JUDGED: [Column; 5] = [
    ("scenarios", 10, "scenarios", |client| client.scenarios.len()),
    ("not played", 12, "not played", |client| client.number(|scenario| scenario.unplayable > 0)),
    ("by the laws", 15, "by the laws", |client| {
        client.number(|scenario| {
            scenario.unplayable == 0 && !scenario.is_wrong_itself() && !scenario.is_wrong_as_its_stack()
        })
    }),
    ("of its stack", 14, "wrong, of its stack", |client| client.number(ClientScenario::is_wrong_as_its_stack)),
    ("its own", 10, "wrong, its own", |client| client.number(ClientScenario::is_wrong_itself)),
];

/// How a client's requests ended for their application.
pub(crate) const ENDED: [Column; 8] = [
    ("requests", 9, "requests", |client| client.requests(|_| true)),
    ("answered", 9, "", |client| client.requests(|request| request.ended == Ended::Response)),
    ("truncated", 10, "truncated", |client| client.requests(|request| request.ended == Ended::Truncated)),
    ("in body", 8, "", |client| client.requests(|request| request.ended == Ended::BodyError)),
    ("errors", 7, "", |client| client.requests(|request| request.ended == Ended::Error)),
    ("open", 5, "open", |client| client.requests(|request| request.ended == Ended::Open)),
    ("may run twice", 14, "may have run twice", |client| client.requests(|request| request.may_have_run_twice)),
    ("side effects", 13, "", |client| client.requests(|request| request.may_have_run_twice && request.has_side_effect)),
];

/// A line for each client, with a label.
fn write_columns<'s>(
    title: &str,
    columns: &[Column],
    clients: impl Iterator<Item = (&'s str, &'s ClientReport)>,
    out: &mut Text,
) -> fmt::Result {
    let heading = STYLES.heading;
    write!(out, "\n{heading}{title:24}")?;
    columns.iter().try_for_each(|(head, width, ..)| write!(out, "{head:>width$}"))?;
    writeln!(out, "{heading:#}")?;
    for (label, client) in clients {
        write!(out, "{label:24}")?;
        columns.iter().try_for_each(|(_, width, _, number)| write!(out, "{:>width$}", number(client)))?;
        writeln!(out)?;
    }
    Ok(())
}

/// The tables of a run: how each client is judged, and how the requests of those that retry ended.
pub fn client_tables(clients: &[ClientReport]) -> String {
    written(|out| {
        if clients.is_empty() {
            return Ok(());
        }
        let named = || clients.iter().map(|client| (&*client.name, client));
        write_columns("client", &JUDGED, named(), out)?;
        write_columns("with its retries", &ENDED, named().filter(|(_, client)| client.retries), out)
    })
}

/// The extra runs: clients with settings of the application, failures before a connection, and bursts of errors.
pub fn extra_run_tables(extra_runs: &ExtraRuns) -> String {
    written(|out| write_extra_runs(extra_runs, out))
}

fn write_extra_runs(extra_runs: &ExtraRuns, out: &mut Text) -> fmt::Result {
    /// How many errors one block of a bar stands for.
    const BURST_BAR: usize = 5;
    for clients in extra_runs.settings.chunk_by(|one, next| one.name == next.name) {
        write_columns(&clients[0].name, &ENDED, clients.iter().map(|client| (&*client.about, client)), out)?;
    }
    let heading = STYLES.heading;
    writeln!(out, "\n{heading}{:26}{:24}{:34}{:>10}{heading:#}", "before any connection", "client", "called", "after")?;
    for met in &extra_runs.connect_failures {
        let after = met.took_ms.map_or_else(|| "never".into(), |took| format!("{took} ms"));
        let label = met.label.as_deref().unwrap_or("a response");
        writeln!(out, "{:26}{:24}{label:34}{after:>10}", met.connect_failure, met.client)?;
    }
    writeln!(out, "\n{heading}{:24}{:>10}{:>8}  {heading:#}", "disowned by one GOAWAY", "requests", "errors")?;
    for burst in &extra_runs.bursts {
        let bar = "█".repeat(burst.errors.div_ceil(BURST_BAR));
        writeln!(out, "{:24}{:>10}{:>8}  {bar}", burst.client, burst.requests, burst.errors)?;
    }
    Ok(())
}

/// The messages that the clients logged, shortened: each with its level, who logged it, and in how many scenarios.
pub fn log_table(clients: &[ClientReport]) -> String {
    written(|out| write_log_table(clients, out))
}

fn write_log_table(clients: &[ClientReport], out: &mut Text) -> fmt::Result {
    let mut scenarios: BTreeMap<(LogLevel, String), Vec<(&str, usize)>> = BTreeMap::new();
    for client in clients {
        for scenario in &client.scenarios {
            // Messages that differ only behind what is shown are one.
            let lines = scenario.logged.iter().map(|line| (line.level, shortened(&line.message)));
            for line in lines.collect::<BTreeSet<_>>() {
                let counted = scenarios.entry(line).or_default();
                match counted.last_mut() {
                    Some((name, number)) if *name == client.name => *number += 1,
                    _ => counted.push((&*client.name, 1)),
                }
            }
        }
    }
    let heading = STYLES.heading;
    writeln!(out, "\n{heading}{:7}{:59}{:24}{:>10}{heading:#}", "level", "logged", "client", "scenarios")?;
    for ((level, message), clients) in scenarios {
        for (index, (client, number)) in clients.into_iter().enumerate() {
            let (level, message) = if index == 0 { (level.to_string(), message.as_str()) } else { Default::default() };
            writeln!(out, "{level:7}{message:59}{client:24}{number:>10}")?;
        }
    }
    Ok(())
}

fn shortened(message: &str) -> String {
    /// How many characters of a message are shown.
    const SHOWN: usize = 57;
    if message.chars().count() <= SHOWN {
        return message.to_owned();
    }
    message.chars().take(SHOWN - 1).chain(['…']).collect()
}

/// Everything that the clients do wrong, grouped by what is alike, with the scenarios that show it.
pub fn wrongs(clients: &[ClientReport]) -> String {
    written(|out| clients.iter().try_for_each(|client| write_wrongs(client, out)))
}

fn write_wrongs(client: &ClientReport, out: &mut Text) -> fmt::Result {
    let heading = STYLES.heading;
    writeln!(out, "{heading}{}{heading:#}: {}, {}", client.name, client.about, client.version)?;
    let mut alike: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for scenario in &client.scenarios {
        for Mistake { of_its_stack, class, kind, message, request, .. } in &scenario.mistakes {
            // What a client shares with its stack is explained there.
            let message = if *of_its_stack { "" } else { message };
            let shown = alike.entry((of_its_stack, class, kind, message)).or_default();
            let request = request.map(|number| format!(" ({number})")).unwrap_or_default();
            shown.push(format!("{}{request}", scenario.name));
        }
    }
    for ((of_its_stack, class, kind, message), shown) in alike {
        let what =
            if *of_its_stack { format!("{class} of its stack: {kind}") } else { format!("{class}: {kind}: {message}") };
        hanging(out, &what, "  ", "    ")?;
        indented(out, &shown.join(", "), "      ")?;
    }
    let unplayed = client.scenarios.iter().filter(|scenario| scenario.unplayable > 0);
    let unplayed: Vec<&str> = unplayed.map(|scenario| &*scenario.name).collect();
    if !unplayed.is_empty() {
        let (number, names) = (count(unplayed.len() as u64, "scenario"), unplayed.join(", "));
        let why = "because the client or its transport cannot do a step";
        hanging(out, &format!("not played, {why}: {number}: {names}"), "  ", "    ")?;
    }
    writeln!(out)
}
