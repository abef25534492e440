//! What became of several clients, as a matrix for a terminal: a row for each scenario, a column for each client.

use super::{Served, ServedChange, ServedClient, Unchecked};
use conformance::{
    check::{ClientFinding, ScenarioResult},
    oracles::clients::MistakeClass,
    report::{
        STYLES,
        baseline::ClientChange,
        layout::{Text, count, hanging, written_within},
    },
};
use std::fmt::{self, Write};

/// The mark of a client in a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    Unplayed,
    Clean,
    Choice,
    BrokenPromise,
    Fault,
}

impl Mark {
    pub(crate) const ALL: [Mark; 5] = [Mark::Fault, Mark::BrokenPromise, Mark::Choice, Mark::Clean, Mark::Unplayed];

    pub(crate) fn of(scenario: &ScenarioResult) -> Mark {
        let classes = scenario.mistakes.iter().map(|seen| seen.mistake.class);
        classes.map(Mark::of_class).max().unwrap_or(if scenario.plays == 0 { Mark::Unplayed } else { Mark::Clean })
    }

    pub(crate) fn of_class(class: MistakeClass) -> Mark {
        match class {
            MistakeClass::Fault => Mark::Fault,
            MistakeClass::BrokenPromise => Mark::BrokenPromise,
            MistakeClass::Choice => Mark::Choice,
        }
    }

    /// Its sign. No two are alike, whatever their colour.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Mark::Fault => "✗",
            Mark::BrokenPromise => "!",
            Mark::Choice => "~",
            Mark::Clean => "✓",
            Mark::Unplayed => "–",
        }
    }

    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Mark::Fault => "fault: a specification forbids it",
            Mark::BrokenPromise => "broken promise: the client says otherwise",
            Mark::Choice => "choice: no specification forbids it",
            Mark::Clean => "no mistake",
            Mark::Unplayed => "not played",
        }
    }
}

/// Whether equal plays of a scenario differ.
pub(crate) fn is_race(scenario: &ScenarioResult) -> bool {
    scenario.mistakes.iter().any(|seen| seen.is_race())
}

/// The result in words: in full for one client, as a matrix for several.
pub(super) fn text(served: &Served, width: usize) -> String {
    written_within(width, |out| {
        match &served.clients[..] {
            [one] => write!(out, "{}", one.result)?,
            clients => {
                write_matrix(clients, out)?;
                clients.iter().try_for_each(|client| write_findings(client, out))?;
            }
        }
        for Unchecked { command, why } in &served.unchecked {
            hanging(out, &format!("{command} was not checked: {why}"), "\n", "  ")?;
        }
        if let Some(diff) = &served.baseline {
            write_changes("new since the baseline", &diff.wrong, out)?;
            write_changes("gone since the baseline", &diff.fixed, out)?;
        }
        for ServedChange { before, after, diff } in &served.changes {
            write_changes(&format!("new in {after}, after {before}"), &diff.wrong, out)?;
            write_changes(&format!("gone in {after}"), &diff.fixed, out)?;
        }
        Ok(())
    })
}

fn write_changes(title: &str, changes: &[ClientChange], out: &mut Text) -> fmt::Result {
    let heading = STYLES.heading;
    writeln!(out, "\n{heading}{title}{heading:#}: {}", if changes.is_empty() { "nothing" } else { "" })?;
    changes.iter().try_for_each(|change| hanging(out, &change.to_string(), "  ", "    "))
}

fn write_matrix(clients: &[ServedClient], out: &mut Text) -> fmt::Result {
    let heading = STYLES.heading;
    for (index, client) in clients.iter().enumerate() {
        let number = |mark| client.result.scenarios.iter().filter(|scenario| Mark::of(scenario) == mark).count() as u64;
        let races = client.result.scenarios.iter().filter(|scenario| is_race(scenario)).count() as u64;
        let numbers = [(Mark::Fault, "faults"), (Mark::BrokenPromise, "broken promises"), (Mark::Choice, "choices")];
        let numbers = numbers.map(|(mark, what)| (number(mark), what));
        let numbers = numbers.into_iter().chain([(races, "races")]).filter(|(number, _)| *number > 0);
        let numbers: Vec<String> = numbers.map(|(number, what)| format!("{number} with {what}")).collect();
        let name = format!("{heading}{:>2}  {}{heading:#}", index + 1, client.result.client);
        let numbers = if numbers.is_empty() { "no mistakes".into() } else { numbers.join(", ") };
        hanging(
            out,
            &format!("{}: {numbers}", count(client.result.plays as u64, "play")),
            &format!("{name}: "),
            "    ",
        )?;
    }
    let rows = rows(clients);
    let widest = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    write!(out, "\n{heading}{:widest$}", "scenario")?;
    (1..=clients.len()).try_for_each(|number| write!(out, "{number:>3}"))?;
    writeln!(out, "{heading:#}")?;
    let (clean, shown): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|(_, cells)| cells.iter().flatten().all(|cell| Mark::of(cell) <= Mark::Clean));
    for (name, cells) in &shown {
        write!(out, "{name:widest$}")?;
        for cell in cells {
            let sign = cell.map_or(" ", |cell| Mark::of(cell).sign());
            if cell.is_some_and(is_race) { write!(out, " {sign}?")? } else { write!(out, "  {sign}")? }
        }
        writeln!(out)?;
    }
    let marks: Vec<String> = Mark::ALL.iter().map(|mark| format!("{} {}", mark.sign(), mark.meaning())).collect();
    let clean = count(clean.len() as u64, "scenario");
    writeln!(out)?;
    hanging(
        out,
        &format!("{}; ? a race: equal plays differ. Nobody makes a mistake in {clean}.", marks.join("; ")),
        "",
        "",
    )
}

/// Each scenario, with its result for each client.
fn rows(clients: &[ServedClient]) -> Vec<(&str, Vec<Option<&ScenarioResult>>)> {
    let Some(first) = clients.first() else { return Vec::new() };
    let row = |of: &'_ ScenarioResult| {
        let find =
            |client: &'_ ServedClient| client.result.scenarios.iter().position(|own| own.scenario == of.scenario);
        clients.iter().map(|client| find(client).map(|index| &client.result.scenarios[index])).collect()
    };
    first.result.scenarios.iter().map(|scenario| (&*scenario.scenario, row(scenario))).collect()
}

fn write_findings(client: &ServedClient, out: &mut Text) -> fmt::Result {
    let heading = STYLES.heading;
    if !client.result.passes() {
        writeln!(out, "\n{heading}{}{heading:#}", client.result.client)?;
    }
    for ClientFinding { mistake, scenario, others, .. } in &client.result.findings {
        let also =
            if others.is_empty() { String::new() } else { format!(", and in {}", count(others.len() as u64, "other")) };
        hanging(out, &format!("{}: {mistake}. In {scenario}{also}", mistake.class), "  ", "    ")?;
    }
    client.result.stale.iter().try_for_each(|name| {
        hanging(out, &format!("{name} is known for mistakes, and has none: take the entry out"), "  ", "    ")
    })
}
