//! The matrix: a row for each scenario, a column for each stack and each client, and its filter.

use super::{Linked, Row, clients, count, heads, section};
use conformance::{
    ledger::Right,
    oracles::Law,
    report::{
        Case, RequestReport, ScenarioReport,
        clients::{ClientRequest, ClientScenario, Ended},
    },
    vocabulary::StackName,
};
use maud::{Markup, html};

/// The mark of a cell: how what it shows is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// The sign that stands in the cell. No two are alike, whatever their colour.
    pub(super) sign: &'static str,
    /// The mark in a word.
    pub(super) word: &'static str,
    /// The class of the cell.
    pub(super) class: &'static str,
    meaning: &'static str,
}

impl Mark {
    pub(super) const HOLD: Mark = Mark::new("✓", "ok", "ok", "the laws hold, or only the other stack strays from them");
    const EXPLAINED: Mark =
        Mark::new("≈", "explained", "ex", "a law is broken, and an entry of the ledger explains it");
    const STATED: Mark = Mark::new("≠", "stated", "st", "not what RFC 9113 gives, and the scenario says why");
    const CONFIGURATION: Mark = Mark::new("~", "configuration", "ex", "differs by the stacks' own settings only");
    const UNEXPLAINED: Mark = Mark::new("✗", "unexplained", "un", "a law is broken, and nothing explains it");
    pub(super) const OF_ITS_STACK: Mark =
        Mark::new("↓", "of its stack", "os", "the client is wrong where the stack under it is");
    pub(super) const OWN: Mark = Mark::new("!", "its own", "ow", "the client is wrong where the stack under it is not");
    const UNPLAYED: Mark = Mark::new("–", "not played", "np", "the client or its transport cannot do a step");

    const OF_STACKS: [Mark; 5] = [Mark::HOLD, Mark::EXPLAINED, Mark::STATED, Mark::CONFIGURATION, Mark::UNEXPLAINED];
    const OF_CLIENTS: [Mark; 3] = [Mark::OF_ITS_STACK, Mark::OWN, Mark::UNPLAYED];

    const fn new(sign: &'static str, word: &'static str, class: &'static str, meaning: &'static str) -> Mark {
        Mark { sign, word, class, meaning }
    }

    /// The mark of a client in a scenario.
    fn of_client(played: &ClientScenario) -> Mark {
        if played.unplayable > 0 {
            Mark::UNPLAYED
        } else if played.is_wrong_itself() {
            Mark::OWN
        } else if played.is_wrong_as_its_stack() {
            Mark::OF_ITS_STACK
        } else {
            Mark::HOLD
        }
    }

    /// The mark of a stack in a case.
    pub(super) fn of(case: &Case, stack: StackName) -> Mark {
        let broken = case.violations.iter().filter(|violation| violation.stack.is_none_or(|of| of == stack));
        let broken: Vec<Law> = broken.map(|violation| violation.law).collect();
        let only = |law| broken.iter().all(|broken| *broken == law);
        let right = match stack {
            StackName::Legacy => Right::Legacy,
            StackName::Modern => Right::Modern,
        };
        let is_right = case.divergences.iter().all(|entry| entry.right == right);
        if broken.is_empty() {
            Mark::HOLD
        } else if case.fails() {
            Mark::UNEXPLAINED
        } else if case.configuration {
            Mark::CONFIGURATION
        } else if only(Law::Expectation) {
            Mark::STATED
        } else if is_right && only(Law::Equivalence) {
            // Only the other stack deviates from the RFC.
            Mark::HOLD
        } else {
            Mark::EXPLAINED
        }
    }
}

/// The matrix, with its filter.
pub(super) fn scenarios(linked: &Linked<'_>) -> Markup {
    let columns = 3 + linked.run.clients.len();
    let scenarios = linked.rows.len();
    let content = html! {
        @if scenarios == 0 {
            p { "No scenario was played." }
        } @else {
            (filter(linked, scenarios))
            (legend(linked))
            div.scroll tabindex="0" role="region" aria-labelledby="matrix-name" {
                table #matrix {
                    caption #matrix-name.w { "The outcome of each scenario on each stack and client" }
                    thead {
                        tr {
                            (heads(None, ["scenario", "legacy", "modern"]))
                            (heads(None, linked.run.clients.iter().map(|client| &client.name)))
                        }
                    }
                    @for rows in linked.themes() {
                        tbody data-theme=(rows[0].theme) {
                            tr.theme {
                                th colspan=(columns) scope="rowgroup" {
                                    span.hold {
                                        span.title { (rows[0].theme) }
                                        span.quiet { (tally(linked, rows)) }
                                    }
                                }
                            }
                            @for row in rows { (line(linked, row)) }
                        }
                    }
                }
            }
        }
    };
    section("scenarios", "Scenarios", content)
}

/// The number of scenarios, and the numbers of those that are not simply right.
fn tally(linked: &Linked<'_>, rows: &[Row<'_>]) -> String {
    let number = |holds: &dyn Fn(&Row<'_>) -> bool| rows.iter().filter(|row| holds(row)).count();
    let counts = [
        (number(&|row| row.scenario.violations > 0), "unexplained"),
        (number(&|row| !row.scenario.divergences.is_empty()), "diverge"),
        (number(&|row| row.scenario.is_stated()), "stated"),
        (number(&|row| row.scenario.laws_only), "held to the laws only"),
        (number(&|row| clients::are_wrong_themselves(linked, &row.scenario.name)), "wrong in a client"),
    ];
    let mut parts = vec![count(rows.len() as u64, "scenario")];
    parts.extend(counts.into_iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}")));
    parts.join(", ")
}

/// What rows are filtered by: the value, what is shown, and whether it holds of a scenario.
type State = (&'static str, &'static str, fn(&Linked<'_>, &ScenarioReport) -> bool);

const STATES: [State; 6] = [
    ("unexplained", "unexplained", |_, scenario| scenario.violations > 0),
    ("diverge", "diverge", |_, scenario| !scenario.divergences.is_empty()),
    ("stated", "stated", |_, scenario| !scenario.but.is_empty()),
    ("differs", "differ between the stacks", |_, scenario| {
        scenario.case.violations.iter().any(|violation| violation.law == Law::Equivalence)
    }),
    ("wrong", "wrong in a client", |linked, scenario| clients::are_wrong_themselves(linked, &scenario.name)),
    ("laws-only", "held to the laws only", |_, scenario| scenario.laws_only),
];

/// The values that a scenario is found by.
fn states(linked: &Linked<'_>, scenario: &ScenarioReport) -> Vec<&'static str> {
    STATES.iter().filter(|(.., holds)| holds(linked, scenario)).map(|(value, ..)| *value).collect()
}

fn filter(linked: &Linked<'_>, scenarios: usize) -> Markup {
    let states: Vec<_> = linked.rows.iter().flat_map(|row| states(linked, row.scenario)).collect();
    html! {
        form #filter role="search" aria-label="Scenarios" {
            label { "Show " select #state {
                option value="" { "all" }
                @for (value, shown, _) in STATES {
                    @if value == "unexplained" || states.contains(&value) {
                        option value=(value) { (shown) }
                    }
                }
            } }
            label { "of " select #theme {
                option value="" { "all themes" }
                @for rows in linked.themes() { option { (rows[0].theme) } }
            } }
            label {
                "with "
                input #search type="search" placeholder="name, clause, verdict …" autocomplete="off" spellcheck="false";
            }
            kbd { "/" }
            output #count for="state theme search" role="status" aria-live="polite" {
                (count(scenarios as u64, "scenario"))
            }
        }
    }
}

fn legend(linked: &Linked<'_>) -> Markup {
    html! {
        details.legend {
            summary { "How to read it" }
            dl {
                @let of_clients = Mark::OF_CLIENTS.into_iter().filter(|_| !linked.run.clients.is_empty());
                @for Mark { sign, word, class, meaning } in Mark::OF_STACKS.into_iter().chain(of_clients) {
                    div { dt class=(class) { i { (sign) } " " (word) } dd { (meaning) } }
                }
            }
            p {
                "A stack's cell has the verdict on the error of each request: whether the peer processed it, and what "
                "to do. “No · Retry” means not processed, send it again. Without an error it has “complete” or “open”. "
                "“×3” means three requests in a row that ended alike. "
                @if !linked.run.clients.is_empty() {
                    "A client's cell has the status that its application got, or the client's name for its error, and "
                    "how often the request was sent if not once: “2 tries”. "
                }
                "Each cell links to everything about its scenario. The arrow keys move between cells."
            }
        }
    }
}

fn line(linked: &Linked<'_>, row: &Row<'_>) -> Markup {
    let case = &row.scenario.case;
    let states = states(linked, row.scenario).join(" ");
    html! {
        tr data-is=[(!states.is_empty()).then_some(states)] {
            th scope="row" { a href={ "#" (row.id) } { (row.scenario.name) } }
            @for (stack, side) in case.sides.iter() {
                (cell(Mark::of(case, stack), side.requests.iter().map(verdict), &row.id))
            }
            (clients::cells(linked, row))
        }
    }
}

/// The outcome of a request, in a word or two.
fn verdict(request: &RequestReport) -> String {
    match &request.end.verdict {
        Some(verdict) => format!("{} · {}", verdict.processed, verdict.advice),
        None => request.end.kind.to_string(),
    }
}

/// The cell of a client.
pub(super) fn client_cell(played: &ClientScenario, target: &str) -> Markup {
    match Mark::of_client(played) {
        Mark::UNPLAYED => cell(Mark::UNPLAYED, [Mark::UNPLAYED.word.to_owned()].into_iter(), target),
        mark => cell(mark, played.requests.iter().map(short_end), target),
    }
}

/// How a client's request ended and how often it was sent, in a word or two.
fn short_end(request: &ClientRequest) -> String {
    let end = match (request.ended, &request.label) {
        (Ended::Response, _) => request.status.map_or_else(|| "response".into(), |status| status.to_string()),
        (Ended::Truncated, _) => "truncated".into(),
        (Ended::BodyError, _) => "body error".into(),
        (Ended::Error, Some(label)) => label.clone(),
        (Ended::Error, None) => "error".into(),
        (Ended::Cancelled, _) => "cancelled".into(),
        (Ended::Open, _) => "open".into(),
    };
    match request.on_first_connection + request.on_later_connections {
        1 => end,
        0 => format!("{end}, not sent"),
        sent => format!("{end}, {sent} tries"),
    }
}

/// A cell: the mark, and how the requests ended. Requests in a row that ended alike share a line.
fn cell(mark: Mark, ends: impl Iterator<Item = String>, target: &str) -> Markup {
    let ends: Vec<String> = ends.collect();
    let lines: Vec<_> = ends.chunk_by(|one, next| one == next).collect();
    html! {
        td class=(mark.class) {
            a href={ "#" (target) } {
                i { (mark.sign) }
                span.w { (mark.word) ": " }
                @match lines[..] {
                    [] => "no request",
                    [alike] => (end(alike)),
                    _ => @for alike in &lines { span { (end(alike)) } " " },
                }
            }
        }
    }
}

/// The end of requests that ended alike. A long name with brackets may wrap before what is in them.
fn end(alike: &[String]) -> Markup {
    const LONG: usize = 16;
    let brackets = alike[0].split_once('(').filter(|_| alike[0].len() > LONG);
    html! {
        @if let Some((name, rest)) = brackets { (name) "(" wbr; (rest) } @else { (alike[0]) }
        @if alike.len() > 1 { " ×" (alike.len()) }
    }
}
