//! What a run has beside its scenarios: the ledger, how requests ended, what must not matter, clauses and error chains.

use super::{Linked, count, number};
use conformance::report::{ClauseReport, Run};
use maud::{Markup, html};

/// The known divergences, with how often each was met and where.
pub(super) fn ledger(linked: &Linked<'_>) -> Markup {
    let run = linked.run;
    html! {
        section #ledger {
            h2 { "Known divergences" }
            p.quiet {
                "Each is a difference between the stacks, or from RFC 9113, with a cause and a repair: without its "
                "trigger the laws hold."
            }
            div.wide tabindex="0" role="region" aria-label="Known divergences" { table.list {
                thead { tr {
                    th.n scope="col" { "scripts" }
                    th scope="col" { "entry" }
                    th scope="col" { "what differs" }
                    th scope="col" { "scenarios" }
                } }
                tbody {
                    @for met in &run.divergences {
                        tr id={ "ledger-" (met.name) } {
                            td.n { (number(met.scripts)) }
                            th scope="row" { (met.name) }
                            td { (met.about) }
                            td {
                                @let rows = linked.rows().filter(|row| row.scenario.divergences.contains(&met.name));
                                @for (index, row) in rows.enumerate() {
                                    @if index > 0 { ", " }
                                    a href={ "#" (row.id) } { (row.scenario.name) }
                                }
                            }
                        }
                    }
                }
            } }
            @if run.configuration > 0 {
                p { (count(run.configuration, "script")) " differ by the stacks' own settings only." }
            }
            @if run.panics > 0 {
                p { "A task of a stack panicked in " (count(run.panics, "script")) "." }
            }
        }
    }
}

/// How the requests of generated scripts ended: kinds down, phases across.
pub(super) fn shares(run: &Run) -> Markup {
    let mut phases: Vec<_> = run.shares.iter().map(|share| share.phase).collect();
    let mut kinds: Vec<_> = run.shares.iter().map(|share| share.kind).collect();
    phases.sort_unstable();
    phases.dedup();
    kinds.sort_unstable();
    kinds.dedup();
    let share = |requests: u64| {
        html! {
            @if requests > 0 { (format!("{:.2} %", 100.0 * requests as f64 / run.requests as f64)) }
        }
    };
    let sum = |of: &dyn Fn(&conformance::report::Share) -> bool| -> u64 {
        run.shares.iter().filter(|share| of(share)).map(|share| share.requests).sum()
    };
    html! {
        section #shares {
            h2 { "How generated requests end" }
            @if run.requests == 0 { p { "No script was generated." } } @else {
                p.quiet {
                    (count(run.requests, "request")) " of " (count(run.generated, "generated script"))
                    ", on the modern stack."
                }
                div.wide tabindex="0" role="region" aria-label="How generated requests end" { table.list.numbers {
                    thead { tr {
                        th scope="col" { "ended" }
                        @for phase in &phases { th.n scope="col" { (phase) } }
                        th.n scope="col" { "all" }
                    } }
                    tbody {
                        @for kind in &kinds {
                            tr {
                                th scope="row" { (kind) }
                                @for phase in &phases {
                                    td.n { (share(sum(&|share| share.phase == *phase && share.kind == *kind))) }
                                }
                                td.n { (share(sum(&|share| share.kind == *kind))) }
                            }
                        }
                        tr.sum {
                            th scope="row" { "all" }
                            @for phase in &phases { td.n { (share(sum(&|share| share.phase == *phase))) } }
                            td.n { (share(run.requests)) }
                        }
                    }
                } }
            }
        }
    }
}

/// What was changed, and must not matter.
pub(super) fn changes(run: &Run) -> Markup {
    html! {
        section #changes {
            h2 { "Changes that must not matter" }
            p { @match run.broken_transformations.len() {
                0 => "None of them did.",
                broken => { b.bad { (count(broken as u64, "change")) " did." } }
            } }
            div.wide tabindex="0" role="region" aria-label="Changes that must not matter" { table.list {
                thead { tr {
                    th.n scope="col" { "scripts" }
                    th scope="col" { "change" }
                    th scope="col" { "what it is" }
                    th scope="col" { "by" }
                } }
                tbody {
                    @for change in &run.transformations {
                        tr {
                            td.n { (number(change.scripts)) }
                            th scope="row" { (change.name) }
                            td { (change.about) }
                            td { (change.rfc) }
                        }
                    }
                }
            } }
        }
    }
}

/// The clauses of RFC 9113 that the model knows, by section.
pub(super) fn clauses(linked: &Linked<'_>) -> Markup {
    let run = linked.run;
    let met = run.clauses.iter().filter(|clause| clause.is_met()).count();
    let mut sections: Vec<Vec<&ClauseReport>> = Vec::new();
    for clause in &run.clauses {
        match sections.iter_mut().find(|section| section[0].section == clause.section) {
            Some(section) => section.push(clause),
            None => sections.push(vec![clause]),
        }
    }
    html! {
        section #clauses {
            h2 { "Clauses of RFC 9113" }
            p {
                "Of " (count(run.clauses.len() as u64, "clause")) " that the model knows, " (number(met as u64))
                " were met."
            }
            div.columns { @for of_section in &sections { (section(linked, of_section)) } }
        }
    }
}

fn section(linked: &Linked<'_>, clauses: &[&ClauseReport]) -> Markup {
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

/// Some of the scenarios that meet a clause.
fn examples(linked: &Linked<'_>, clause: &ClauseReport) -> Markup {
    const SHOWN: usize = 4;
    html! {
        @for (index, name) in clause.scenarios.iter().take(SHOWN).enumerate() {
            @if index > 0 { ", " }
            @match linked.scenario(name) {
                Some(id) => a href={ "#" (id) } { (name) },
                None => (name),
            }
        }
        @if clause.scenarios.len() > SHOWN { " and " (clause.scenarios.len() - SHOWN) " more" }
    }
}

/// What was put as error chains.
pub(super) fn error_chains(run: &Run) -> Markup {
    html! {
        section #error_chains {
            h2 { "Error chains" }
            @if run.error_chains == 0 { p { "None was put." } } @else {
                p {
                    (count(run.error_chains, "error chain")) ", each made of the types of a stack, were held against the "
                    "laws. " (number(run.unequal_error_chains)) " of them only one stack can give, or gives as other links than "
                    "the other. "
                    @match run.broken_error_chains.len() {
                        0 => "None breaks a law.",
                        broken => { b.bad { (count(broken as u64, "law")) " broken." } }
                    }
                }
            }
        }
    }
}
