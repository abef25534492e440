//! The matrix: a row for each scenario, a column for each stack and each client, and what filters it.

use super::{Linked, Row, count};
use conformance::{
    ledger::Right,
    oracles::Law,
    report::{Case, RequestReport, ScenarioReport, SideReport},
    vocabulary::StackName,
};
use maud::{Markup, html};

/// What a cell says of the laws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// They hold.
    Hold,
    /// The ledger explains what is broken.
    Explained,
    /// The scenario says why it does not get what it expects.
    Stated,
    /// The stacks differ by their own settings only.
    Configuration,
    /// Nothing explains what is broken.
    Unexplained,
    /// A client breaks what the stack under it breaks too.
    OfItsStack,
    /// A client breaks what the stack under it does not break.
    Own,
    /// The scenario cannot be played to the client.
    Unplayed,
}

impl Mark {
    const ALL: [Mark; 8] = [
        Mark::Hold,
        Mark::Explained,
        Mark::Stated,
        Mark::Configuration,
        Mark::Unexplained,
        Mark::OfItsStack,
        Mark::Own,
        Mark::Unplayed,
    ];

    /// The sign that stands in a cell. No two are alike, whatever their colour.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Mark::Hold => "✓",
            Mark::Explained => "≈",
            Mark::Stated => "≠",
            Mark::Configuration => "~",
            Mark::Unexplained => "✗",
            Mark::OfItsStack => "↓",
            Mark::Own => "!",
            Mark::Unplayed => "–",
        }
    }

    /// It in a word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Mark::Hold => "ok",
            Mark::Explained => "explained",
            Mark::Stated => "stated",
            Mark::Configuration => "configuration",
            Mark::Unexplained => "unexplained",
            Mark::OfItsStack => "of its stack",
            Mark::Own => "its own",
            Mark::Unplayed => "not played",
        }
    }

    /// The class of its cells.
    pub(super) fn class(self) -> &'static str {
        match self {
            Mark::Hold => "ok",
            Mark::Explained | Mark::Configuration => "ex",
            Mark::Stated => "st",
            Mark::Unexplained => "un",
            Mark::OfItsStack => "os",
            Mark::Own => "ow",
            Mark::Unplayed => "np",
        }
    }

    fn meaning(self) -> &'static str {
        match self {
            Mark::Hold => "the laws hold, or only the other stack strays from them",
            Mark::Explained => "a law is broken, and an entry of the ledger explains it",
            Mark::Stated => "not what RFC 9113 gives, and the scenario says why",
            Mark::Configuration => "differs by the stacks' own settings only",
            Mark::Unexplained => "a law is broken, and nothing explains it",
            Mark::OfItsStack => "the client is wrong where the stack under it is",
            Mark::Own => "the client is wrong where the stack under it is not",
            Mark::Unplayed => "no read or write fails as chosen over TLS",
        }
    }

    fn is_of_clients(self) -> bool {
        matches!(self, Mark::OfItsStack | Mark::Own | Mark::Unplayed)
    }

    /// What holds of one stack in a case.
    pub(super) fn of(case: &Case, stack: StackName) -> Mark {
        let mut broken =
            case.violations.iter().filter(|violation| violation.stack.is_none_or(|of| of == stack)).peekable();
        if broken.peek().is_none() {
            return Mark::Hold;
        }
        if case.unexplained {
            return Mark::Unexplained;
        }
        if case.configuration {
            return Mark::Configuration;
        }
        let right = match stack {
            StackName::Legacy => Right::Legacy,
            StackName::Modern => Right::Modern,
        };
        let laws: Vec<_> = broken.map(|violation| violation.law).collect();
        if laws.iter().all(|law| *law == Law::Expectation) {
            return Mark::Stated;
        }
        // The stacks differ, and only the other one strays from the RFC.
        let is_right = case.divergences.iter().all(|entry| entry.right == right);
        if is_right && laws.iter().all(|law| *law == Law::Equivalence) { Mark::Hold } else { Mark::Explained }
    }
}

/// The matrix, with what filters it.
pub(super) fn section(linked: &Linked<'_>) -> Markup {
    let columns = 3 + linked.clients.number();
    let scenarios = linked.rows().count();
    html! {
        section #scenarios {
            h2 { "Scenarios" }
            @if scenarios == 0 {
                p { "No scenario was played." }
            } @else {
                (filter(linked, scenarios))
                (legend(linked))
                div.scroll tabindex="0" role="region" aria-labelledby="matrix-name" {
                    table #matrix {
                        caption #matrix-name.w { "What each scenario came to on each stack and client" }
                        thead {
                            tr {
                                th scope="col" { "scenario" }
                                th scope="col" { "legacy" }
                                th scope="col" { "modern" }
                                (linked.clients.heads())
                            }
                        }
                        @for theme in &linked.themes {
                            tbody data-theme=(theme.theme.name) {
                                tr.theme {
                                    th colspan=(columns) scope="rowgroup" {
                                        span.title { (theme.theme.name) }
                                        span.quiet { (tally(linked, &theme.rows)) }
                                    }
                                }
                                @for row in &theme.rows { (line(linked, row)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// How many scenarios there are, and how many of them are not simply right.
fn tally(linked: &Linked<'_>, rows: &[Row<'_>]) -> String {
    let number = |holds: &dyn Fn(&Row<'_>) -> bool| rows.iter().filter(|row| holds(row)).count();
    let counts = [
        (number(&|row| row.scenario.violations > 0), "unexplained"),
        (number(&|row| !row.scenario.divergences.is_empty()), "diverge"),
        (number(&|row| row.scenario.is_stated()), "stated"),
        (number(&|row| row.scenario.laws_only), "held to the laws only"),
        (number(&|row| linked.clients.is_wrong_itself(&row.scenario.name)), "wrong in a client"),
    ];
    let mut parts = vec![count(rows.len() as u64, "scenario")];
    parts.extend(counts.into_iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}")));
    parts.join(", ")
}

/// What rows are filtered by: the value, and what is shown.
const STATES: [(&str, &str); 7] = [
    ("", "all"),
    ("unexplained", "unexplained"),
    ("diverge", "diverge"),
    ("stated", "stated"),
    ("differs", "differ between the stacks"),
    ("wrong", "wrong in a client"),
    ("laws-only", "held to the laws only"),
];

fn filter(linked: &Linked<'_>, scenarios: usize) -> Markup {
    let states: Vec<_> = linked.rows().flat_map(|row| states(linked, row.scenario)).collect();
    html! {
        form #filter role="search" aria-label="Scenarios" hidden {
            label { "Show " select #state {
                @for (value, shown) in STATES {
                    @if value.is_empty() || value == "unexplained" || states.contains(&value) {
                        option value=(value) { (shown) }
                    }
                }
            } }
            label { "of " select #theme {
                option value="" { "all themes" }
                @for theme in &linked.themes { option { (theme.theme.name) } }
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
                @for mark in Mark::ALL {
                    @if linked.clients.any() || !mark.is_of_clients() {
                        div {
                            dt class=(mark.class()) { i { (mark.sign()) } " " (mark.word()) }
                            dd { (mark.meaning()) }
                        }
                    }
                }
            }
            p {
                "Of each request, a stack's cell has the verdict on its error, as whether the peer processed it and what "
                "to do: “No · Retry” is not processed, to be sent again. Without an error it has “complete” or “open”. "
                "“×3” is three requests in a row that end alike. "
                @if linked.clients.any() {
                    "A client's cell has the status that its application got, or what it calls its error, and how "
                    "often the request was sent, where that is not once: “2 tries”. "
                }
                "Each cell leads to everything about its scenario; the arrow keys move between cells."
            }
        }
    }
}

/// What a row is found by.
fn states(linked: &Linked<'_>, scenario: &ScenarioReport) -> Vec<&'static str> {
    let states = [
        (scenario.violations > 0, "unexplained"),
        (!scenario.divergences.is_empty(), "diverge"),
        (!scenario.but.is_empty(), "stated"),
        (differs(&scenario.case), "differs"),
        (linked.clients.is_wrong_itself(&scenario.name), "wrong"),
        (scenario.laws_only, "laws-only"),
    ];
    states.into_iter().filter_map(|(holds, name)| holds.then_some(name)).collect()
}

/// Whether the stacks come to something else, explained or not.
fn differs(case: &Case) -> bool {
    case.violations.iter().any(|violation| violation.law == Law::Equivalence)
}

fn line(linked: &Linked<'_>, row: &Row<'_>) -> Markup {
    let case = &row.scenario.case;
    let states = states(linked, row.scenario).join(" ");
    html! {
        tr data-is=[(!states.is_empty()).then_some(states)] {
            th scope="row" { a href={ "#" (row.id) } { (row.scenario.name) } }
            @for (stack, side) in case.sides.iter() { (stack_cell(case, stack, side, &row.id)) }
            (linked.clients.cells(&row.scenario.name, &row.id))
        }
    }
}

fn stack_cell(case: &Case, stack: StackName, side: &SideReport, id: &str) -> Markup {
    cell(Mark::of(case, stack), &side.requests.iter().map(verdict).collect::<Vec<_>>(), id)
}

/// What a request came to, in a word or two.
fn verdict(request: &RequestReport) -> String {
    match &request.end.verdict {
        Some(verdict) => format!("{} · {}", verdict.processed, verdict.advice),
        None => request.end.kind.to_string(),
    }
}

/// A cell: the mark, and what the requests came to, those that follow each other and are alike in one line.
pub(super) fn cell(mark: Mark, ends: &[String], target: &str) -> Markup {
    let lines: Vec<_> = ends.chunk_by(|one, next| one == next).collect();
    html! {
        td class=(mark.class()) {
            a href={ "#" (target) } {
                i { (mark.sign()) }
                span.w { (mark.word()) ": " }
                @match lines[..] {
                    [] => "no request",
                    [alike] => (end(alike)),
                    _ => @for alike in &lines { span { (end(alike)) } " " },
                }
            }
        }
    }
}

/// What requests came to that are alike. A long name that goes on in brackets may go on in the next line.
fn end(alike: &[String]) -> Markup {
    const LONG: usize = 16;
    let brackets = alike[0].split_once('(').filter(|_| alike[0].len() > LONG);
    html! {
        @if let Some((name, rest)) = brackets { (name) "(" wbr; (rest) } @else { (alike[0]) }
        @if alike.len() > 1 { " ×" (alike.len()) }
    }
}
