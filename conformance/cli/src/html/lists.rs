//! The lists below the scenarios: the ledger, how requests ended, situations, transformations, clauses and error chains.

use super::{Linked, count, heads, joined, link, number, section, table};
use conformance::report::{ClauseReport, Run, Share};
use maud::{Markup, html};
use std::collections::BTreeSet;

/// The known divergences, with the number of scripts and the scenarios that show each.
pub(super) fn ledger(linked: &Linked<'_>) -> Markup {
    let run = linked.run;
    let entries = html! {
        @for met in &run.divergences {
            @let rows = linked.rows.iter().filter(|row| row.scenario.divergences.contains(&met.name));
            tr id={ "ledger-" (met.name) } {
                td.n { (number(met.scripts)) }
                th scope="row" { (met.name) }
                td { (met.about) }
                td { (joined(", ", rows.map(|row| link(&row.id, &row.scenario.name)))) }
            }
        }
    };
    let content = html! {
        p.quiet {
            "Each is a difference between the stacks, or from RFC 9113, with a cause and a repair: without its "
            "trigger the laws hold."
        }
        (table(
            "Known divergences",
            html! { (heads(Some("n"), ["scripts"])) (heads(None, ["entry", "what differs", "scenarios"])) },
            [entries],
        ))
        @if run.configuration > 0 {
            p { (count(run.configuration, "script")) " differ by the stacks' own settings only." }
        }
        @if run.panics > 0 {
            p { "A task of a stack panicked in " (count(run.panics, "script")) "." }
        }
    };
    section("ledger", "Known divergences", content)
}

/// How the requests of generated scripts ended: a row for each kind, a column for each phase.
pub(super) fn shares(run: &Run) -> Markup {
    let phases: BTreeSet<_> = run.shares.iter().map(|share| share.phase).collect();
    let kinds: BTreeSet<_> = run.shares.iter().map(|share| share.kind).collect();
    let share = |of: &dyn Fn(&Share) -> bool| {
        let requests: u64 = run.shares.iter().filter(|share| of(share)).map(|share| share.requests).sum();
        html! { @if requests > 0 { (format!("{:.2} %", 100.0 * requests as f64 / run.requests as f64)) } }
    };
    let rows = html! {
        @for kind in &kinds {
            tr {
                th scope="row" { (kind) }
                @for phase in &phases { td.n { (share(&|share| share.phase == *phase && share.kind == *kind)) } }
                td.n { (share(&|share| share.kind == *kind)) }
            }
        }
        tr.sum {
            th scope="row" { "all" }
            @for phase in &phases { td.n { (share(&|share| share.phase == *phase)) } }
            td.n { (share(&|_| true)) }
        }
    };
    let content = html! {
        @if run.requests == 0 { p { "No script was generated." } } @else {
            p.quiet {
                (count(run.requests, "request")) " of " (count(run.generated, "generated script"))
                ", on the modern stack."
            }
            (table(
                "How generated requests end",
                html! { (heads(None, ["ended"])) (heads(Some("n"), &phases)) (heads(Some("n"), ["all"])) },
                [rows],
            ))
        }
    };
    section("shares", "How generated requests end", content)
}

/// The situations that generated scripts have to bring about.
pub(super) fn situations(run: &Run) -> Markup {
    let situations = html! {
        @for situation in &run.situations {
            tr { td.n { (number(situation.scripts)) } th scope="row" { (situation.about) } }
        }
    };
    let heads = html! { (heads(Some("n"), ["scripts"])) (heads(None, ["situation"])) };
    section("situations", "What generated scripts brought about", table("Situations", heads, [situations]))
}

/// The metamorphic transformations, which must not matter.
pub(super) fn changes(run: &Run) -> Markup {
    let changes = html! {
        @for change in &run.transformations {
            tr {
                td.n { (number(change.scripts)) }
                th scope="row" { (change.name) }
                td { (change.about) }
                td { (change.rfc) }
            }
        }
    };
    let content = html! {
        p { @match run.broken_transformations.len() {
            0 => "None of them did.",
            broken => { b.bad { (count(broken as u64, "change")) " did." } }
        } }
        (table(
            "Changes that must not matter",
            html! { (heads(Some("n"), ["scripts"])) (heads(None, ["change", "what it is", "by"])) },
            [changes],
        ))
    };
    section("changes", "Changes that must not matter", content)
}

/// The clauses of RFC 9113 that the model knows, by section.
pub(super) fn clauses(linked: &Linked<'_>) -> Markup {
    let run = linked.run;
    let met = run.clauses.iter().filter(|clause| clause.is_met()).count();
    let sections = run.clauses.chunk_by(|one, next| one.section == next.section);
    let content = html! {
        p.bad[run.missed().next().is_some()] { (run.coverage()) }
        p {
            "Of " (count(run.clauses.len() as u64, "clause")) " that the model knows, " (number(met as u64))
            " were met."
        }
        div.columns { @for clauses in sections { (of_section(linked, clauses)) } }
        h3 { "For senders" }
        (for_senders(run))
    };
    section("clauses", "Clauses of RFC 9113", content)
}

/// The clauses for senders, with the number of cases in which each stack broke one.
fn for_senders(run: &Run) -> Markup {
    let rows = html! {
        @for clause in run.for_senders() {
            tr {
                td { "§" (clause.section) }
                th scope="row" title=(clause.text) { (clause.name) }
                td.n { (number(clause.scripts)) }
                td.n { (number(clause.scenarios.len() as u64)) }
                @for broken in clause.broken.each() {
                    @if clause.is_only_counted() { td.n { "–" } } @else {
                        td.n {
                            (number(broken.all()))
                            @if broken.unexplained > 0 { " " b.bad { (number(broken.unexplained)) " unexplained" } }
                        }
                    }
                }
            }
        }
    };
    html! {
        p.quiet {
            "The clauses that bind what a client sends, and the others that a stack broke: how often each was met, and in "
            "how many cases a stack broke it. The model counts those with a line, and holds no client to them."
        }
        (table(
            "Clauses for senders",
            html! {
                (heads(None, ["section", "clause"]))
                (heads(Some("n"), ["scripts", "scenarios", "legacy broke", "modern broke"]))
            },
            [rows],
        ))
    }
}

/// The clauses of one section.
fn of_section(linked: &Linked<'_>, clauses: &[ClauseReport]) -> Markup {
    let met = clauses.iter().filter(|clause| clause.is_met()).count();
    let all = clauses.len();
    html! {
        details.clauses {
            summary {
                b { "§" (clauses[0].section) } " "
                @if met == all { (met) " of " (all) " met" } @else { strong { (met) " of " (all) " met" } }
            }
            @for clause in clauses {
                div.clause {
                    p {
                        b { (clause.name) } " "
                        @if clause.is_met() {
                            span.quiet {
                                (count(clause.scenarios.len() as u64, "scenario")) ", "
                                (count(clause.scripts, "script"))
                            }
                        } @else { b { "not met" } }
                        @if !clause.required { " " span.quiet { "(no run has to meet it)" } }
                    }
                    blockquote { (clause.text) }
                    @if !clause.scenarios.is_empty() { p.quiet { (examples(linked, clause)) } }
                }
            }
        }
    }
}

/// Some of the scenarios that reach a clause.
fn examples(linked: &Linked<'_>, clause: &ClauseReport) -> Markup {
    const SHOWN: usize = 4;
    html! {
        (joined(", ", clause.scenarios.iter().take(SHOWN).map(|name| linked.scenario(name))))
        @if clause.scenarios.len() > SHOWN { " and " (clause.scenarios.len() - SHOWN) " more" }
    }
}

/// The error chains.
pub(super) fn error_chains(run: &Run) -> Markup {
    let content = html! {
        @if run.error_chains == 0 { p { "No error chain was checked." } } @else {
            p {
                (count(run.error_chains, "error chain")) ", each made of a stack's types, were checked against the "
                "laws. " (number(run.unequal_error_chains)) " of them exist on one stack only, or have other links "
                "on the other. "
                @match run.broken_error_chains.len() {
                    0 => "None breaks a law.",
                    broken => { b.bad { (count(broken as u64, "law")) " broken." } }
                }
            }
        }
    };
    section("error_chains", "Error chains", content)
}
