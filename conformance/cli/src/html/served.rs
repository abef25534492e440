//! The clients that `serve` played to, as a page: a row for each scenario, a column for each client, and each play with a
//! mistake in full.

use super::{document, heads, section};
use crate::serve::{
    Served, ServedClient,
    table::{Mark, is_race},
};
use conformance::{
    check::{ScenarioResult, SeenMistake, Shown},
    report::layout::count,
    scenarios::{self, Scenario},
};
use maud::{Markup, html};
use std::collections::BTreeSet;

/// The result as a page of HTML that needs no other file.
pub fn served_page(served: &Served) -> String {
    let scenarios = scenarios::built_in().unwrap_or_default();
    let played = |scenario: &&Scenario| served.clients.iter().any(|client| find(client, &scenario.name).is_some());
    let scenarios: Vec<Scenario> = scenarios.iter().filter(played).cloned().collect();
    let names: Vec<&str> = served.clients.iter().map(|client| &*client.result.client).collect();
    let body = html! {
        a.skip href="#scenarios" { "To the scenarios" }
        div #report {
            header.top {
                p.name { "conformance serve" }
                h1 { (count(served.clients.len() as u64, "HTTP/2 client")) }
                p.lead { "Each scenario is played as written, and with POST in place of GET, without and with content." }
            }
            main {
                (section("clients", "Clients", clients(served)))
                (section("scenarios", "Scenarios", matrix(served, &scenarios)))
            }
        }
        section #details aria-label="Every scenario with a mistake" {
            @for scenario in &scenarios { (of_scenario(served, scenario)) }
        }
    };
    document(&names.join(", "), &html! {}, &body)
}

fn find<'s>(client: &'s ServedClient, scenario: &str) -> Option<&'s ScenarioResult> {
    client.result.scenarios.iter().find(|result| result.scenario == scenario)
}

/// The class of a cell.
fn class(mark: Mark) -> &'static str {
    match mark {
        Mark::Fault => "un",
        Mark::BrokenPromise => "ow",
        Mark::Choice => "ex",
        Mark::Clean => "ok",
        Mark::Unplayed => "np",
    }
}

/// The number of scenarios with each mark, for each client.
fn clients(served: &Served) -> Markup {
    let number = |client: &ServedClient, holds: &dyn Fn(&ScenarioResult) -> bool| {
        client.result.scenarios.iter().filter(|scenario| holds(scenario)).count()
    };
    html! {
        div.wide tabindex="0" role="region" aria-label="Clients" {
            table.list {
                thead { tr {
                    (heads(None, ["client"]))
                    (heads(Some("n"), ["plays", "fault", "broken promise", "choice", "no mistake", "not played", "race"]))
                } }
                tbody { @for client in &served.clients { tr {
                    th.client scope="row" { (client.result.client) }
                    td.n { (client.result.plays) }
                    @for mark in Mark::ALL { td.n { (number(client, &|scenario| Mark::of(scenario) == mark)) } }
                    td.n { (number(client, &is_race)) }
                } } }
            }
        }
    }
}

fn matrix(served: &Served, scenarios: &[Scenario]) -> Markup {
    html! {
        details.legend {
            summary { "How to read it" }
            dl { @for mark in Mark::ALL {
                div { dt class=(class(mark)) { i { (mark.sign()) } } dd { (mark.meaning()) } }
            } }
            p { "“?” marks a race: equal plays differ. A cell with a mistake leads to its exchange." }
        }
        div.scroll tabindex="0" role="region" aria-labelledby="matrix-name" {
            table #matrix {
                caption #matrix-name.w { "The worst mistake of each client in each scenario" }
                thead { tr {
                    (heads(None, ["scenario"]))
                    (heads(None, served.clients.iter().map(|client| &client.result.client)))
                } }
                @for theme in scenarios.chunk_by(|one, next| one.theme == next.theme) {
                    tbody {
                        tr.theme { th colspan=(served.clients.len() + 1) scope="rowgroup" {
                            span.hold { span.title { (theme[0].theme.replace('_', " ")) } }
                        } }
                        @for scenario in theme { tr {
                            th scope="row" { a href={ "#" (scenario.name) } { (scenario.name) } }
                            @for (index, client) in served.clients.iter().enumerate() { (cell(client, index, scenario)) }
                        } }
                    }
                }
            }
        }
    }
}

fn cell(client: &ServedClient, index: usize, scenario: &Scenario) -> Markup {
    let Some(result) = find(client, &scenario.name) else { return html! { td {} } };
    let mark = Mark::of(result);
    // What weighs most comes first.
    let by_weight: BTreeSet<_> = result.mistakes.iter().map(|seen| (seen.mistake.class, seen.mistake.kind)).collect();
    let mut kinds: Vec<&str> = Vec::new();
    for (_, kind) in by_weight {
        if !kinds.contains(&kind.name()) {
            kinds.push(kind.name());
        }
    }
    html! {
        td class=(class(mark)) {
            a href={ "#" (place(scenario, index)) } {
                i { (mark.sign()) @if is_race(result) { "?" } }
                @if kinds.is_empty() { span.w { (mark.meaning()) } } @else { (kinds.join(", ")) }
            }
        }
    }
}

/// The fragment of a client's part of a scenario.
fn place(scenario: &Scenario, client: usize) -> String {
    format!("{}.{client}", scenario.name)
}

fn of_scenario(served: &Served, scenario: &Scenario) -> Markup {
    html! {
        article.case id=(scenario.name) {
            h2 { (scenario.name) }
            p.about { (scenario.about) }
            p.rfc { "RFC 9113 " (scenario.rfc.iter().map(|section| format!("§{section}")).collect::<Vec<_>>().join(", ")) }
            @for (index, client) in served.clients.iter().enumerate() {
                @if let Some(result) = find(client, &scenario.name) {
                    div id=(place(scenario, index)) { (of_client(client, result)) }
                }
            }
        }
    }
}

fn of_client(client: &ServedClient, result: &ScenarioResult) -> Markup {
    html! {
        h3 { (client.result.client) ": " (Mark::of(result).meaning()) }
        @if !result.mistakes.is_empty() { ul { @for seen in &result.mistakes { (mistake(seen)) } } }
        @for shown in &result.shown { (play(shown)) }
    }
}

fn mistake(seen: &SeenMistake) -> Markup {
    let mark = Mark::of_class(seen.mistake.class);
    html! {
        li {
            b { (seen.mistake.class) } " " (mark.sign()) " " (seen.mistake) ", " (seen.played)
            @if seen.is_race() { "; " (seen.seen) " of " (seen.of) " equal plays show it" }
        }
    }
}

fn play(shown: &Shown) -> Markup {
    html! {
        details {
            summary { "The play " (shown.played) }
            pre { (shown.exchange.join("\n")) }
            pre { (shown.application.join("\n")) "\n" (shown.model.join("\n")) }
            pre { (shown.script) }
        }
    }
}
