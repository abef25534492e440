//! What clients make of the scenarios as tables for a terminal, 100 columns wide at most.

use conformance::{
    client_driver::LogLevel,
    oracles::Law,
    report::{
        STYLES,
        clients::{ClientReport, ClientScenario, Ended, ExtraRuns},
        layout::{count, hanging, indented},
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Write},
};

/// What is asked beside the scenarios, as tables.
pub fn extra_run_tables(extra_runs: &ExtraRuns) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write_beyond(extra_runs, &mut text);
    text
}

fn write_beyond(extra_runs: &ExtraRuns, out: &mut String) -> fmt::Result {
    for clients in extra_runs.settings.chunk_by(|one, next| one.name == next.name) {
        write_ends(&clients[0].name, clients.iter().map(|client| (&*client.about, client)), out)?;
    }
    let heading = STYLES.heading;
    writeln!(out, "\n{heading}{:26}{:24}{:34}{:>10}{heading:#}", "before any connection", "client", "called", "after")?;
    for met in &extra_runs.connect_failures {
        let after = met.took_ms.map_or_else(|| "never".into(), |took| format!("{took} ms"));
        writeln!(
            out,
            "{:26}{:24}{:34}{after:>10}",
            met.connect_failure,
            met.client,
            met.label.as_deref().unwrap_or("a response")
        )?;
    }
    writeln!(out, "\n{heading}{:24}{:>10}{:>8}  {heading:#}", "disowned by one GOAWAY", "requests", "errors")?;
    for burst in &extra_runs.bursts {
        let bar = "█".repeat(burst.errors.div_ceil(BURST_BAR));
        writeln!(out, "{:24}{:>10}{:>8}  {bar}", burst.client, burst.requests, burst.errors)?;
    }
    Ok(())
}

/// How many errors one block of a bar stands for.
const BURST_BAR: usize = 5;

/// The tables of a run: what the clients are held to, and what those that retry come to.
pub fn client_tables(clients: &[ClientReport]) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write_tables(clients, &mut text);
    text
}

fn write_tables(clients: &[ClientReport], out: &mut String) -> fmt::Result {
    if clients.is_empty() {
        return Ok(());
    }
    let heading = STYLES.heading;
    writeln!(
        out,
        "\n{heading}{:24}{:>10}{:>12}{:>15}{:>14}{:>10}{heading:#}",
        "client", "scenarios", "not played", "by the laws", "of its stack", "its own"
    )?;
    for client in clients {
        let own = client.number(ClientScenario::is_wrong_itself);
        let of_its_stack = client.number(|scenario| !scenario.wrong.is_empty() && !scenario.is_wrong_itself());
        let unplayed = client.number(|scenario| scenario.unplayable > 0);
        let lawful = client.scenarios.len() - own - of_its_stack - unplayed;
        writeln!(
            out,
            "{:24}{:>10}{unplayed:>12}{lawful:>15}{of_its_stack:>14}{own:>10}",
            client.name,
            client.scenarios.len()
        )?;
    }
    let retrying = clients.iter().filter(|client| client.retries).map(|client| (&*client.name, client));
    write_ends("with its retries", retrying, out)
}

/// How the requests of clients ended for their application, with a label each.
fn write_ends<'s>(
    title: &str,
    clients: impl Iterator<Item = (&'s str, &'s ClientReport)>,
    out: &mut String,
) -> fmt::Result {
    let heading = STYLES.heading;
    writeln!(
        out,
        "\n{heading}{title:24}{:>9}{:>9}{:>10}{:>8}{:>7}{:>5}{:>14}{:>13}{heading:#}",
        "requests", "answered", "truncated", "in body", "errors", "open", "may run twice", "side effects"
    )?;
    for (label, client) in clients {
        let ended = |ended: Ended| client.requests(|request| request.ended == ended);
        writeln!(
            out,
            "{label:24}{:>9}{:>9}{:>10}{:>8}{:>7}{:>5}{:>14}{:>13}",
            client.requests(|_| true),
            ended(Ended::Response),
            ended(Ended::Truncated),
            ended(Ended::BodyError),
            ended(Ended::Error),
            ended(Ended::Open),
            client.requests(|request| request.may_have_run_twice),
            client.requests(|request| request.may_have_run_twice && request.has_side_effect),
        )?;
    }
    Ok(())
}

/// What the clients logged: each message, shortened, with its level, who logged it, and in how many scenarios.
pub fn log_table(clients: &[ClientReport]) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write_log_table(clients, &mut text);
    text
}

fn write_log_table(clients: &[ClientReport], out: &mut String) -> fmt::Result {
    let mut scenarios: BTreeMap<(LogLevel, String), Vec<(&str, usize)>> = BTreeMap::new();
    for client in clients {
        let mut of_it: BTreeMap<(LogLevel, String), usize> = BTreeMap::new();
        for scenario in &client.scenarios {
            // Messages that differ only behind what is shown are one.
            let lines: BTreeSet<_> =
                scenario.logged.iter().map(|line| (line.level, shortened(&line.message))).collect();
            lines.into_iter().for_each(|line| *of_it.entry(line).or_default() += 1);
        }
        for (line, number) in of_it {
            scenarios.entry(line).or_default().push((&client.name, number));
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

/// How many characters of a message are shown.
const MESSAGE: usize = 57;

fn shortened(message: &str) -> String {
    if message.chars().count() <= MESSAGE {
        return message.to_owned();
    }
    message.chars().take(MESSAGE - 1).chain(['…']).collect()
}

/// Everything that the clients do wrong, what is alike together, with the scenarios that show it.
pub fn wrongs(clients: &[ClientReport]) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write_wrongs(clients, &mut text);
    text
}

fn write_wrongs(clients: &[ClientReport], out: &mut String) -> fmt::Result {
    let heading = STYLES.heading;
    for client in clients {
        writeln!(out, "{heading}{}{heading:#}: {}, {}", client.name, client.about, client.version)?;
        let mut alike: BTreeMap<(bool, Law, &str), Vec<String>> = BTreeMap::new();
        for scenario in &client.scenarios {
            for wrong in &scenario.wrong {
                let shown = alike.entry((wrong.of_its_stack, wrong.law, &wrong.message)).or_default();
                shown.push(format!("{} ({})", scenario.name, wrong.request));
            }
        }
        for ((of_its_stack, law, message), shown) in alike {
            let whose = if of_its_stack { "of its stack, " } else { "" };
            hanging(out, &format!("{whose}{law}: {message}"), "  ", "    ")?;
            indented(out, &shown.join(", "), "      ")?;
        }
        let unplayed: Vec<&str> = client
            .scenarios
            .iter()
            .filter(|scenario| scenario.unplayable > 0)
            .map(|scenario| &*scenario.name)
            .collect();
        if !unplayed.is_empty() {
            let held = count(unplayed.len() as u64, "scenario");
            let text = format!(
                "not played, because no read or write fails as chosen over TLS: {held}: {}",
                unplayed.join(", ")
            );
            hanging(out, &text, "  ", "    ")?;
        }
        writeln!(out)?;
    }
    Ok(())
}
