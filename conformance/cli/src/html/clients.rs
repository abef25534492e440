//! The clients that others wrote: their columns of the matrix, their part of a scenario, and a summary.

use super::{
    Linked, Row, heads, joined,
    matrix::{Mark, client_cell},
    number, section, table,
};
use crate::client_tables::{ENDED, JUDGED};
use conformance::{
    client_driver::LogLine,
    oracles::clients::MistakeClass,
    report::{
        Case,
        clients::{ClientReport, ClientRequest, ClientScenario, Ended},
    },
};
use maud::{Markup, html};

/// Whether a client breaks a law that its stack keeps.
pub(super) fn are_wrong_themselves(linked: &Linked<'_>, scenario: &str) -> bool {
    linked.run.clients.iter().filter_map(|client| find(client, scenario)).any(ClientScenario::is_wrong_itself)
}

fn find<'run>(client: &'run ClientReport, scenario: &str) -> Option<&'run ClientScenario> {
    client.scenarios.iter().find(|played| played.name == scenario)
}

pub(super) fn version(clients: &[ClientReport]) -> Markup {
    let mut versions: Vec<_> = clients.iter().map(|client| &*client.version).collect();
    versions.dedup();
    html! { @if !clients.is_empty() { div { dt { "clients" } dd { (versions.join(", ")) } } } }
}

/// How each client is judged and how its requests ended, as a table.
pub(super) fn summary(clients: &[ClientReport]) -> Markup {
    if clients.is_empty() {
        return html! {};
    }
    let columns = || JUDGED.iter().chain(&ENDED).filter(|(_, _, head, _)| !head.is_empty());
    let rows = html! {
        @for client in clients {
            tr {
                th.client scope="row" { (client.name) }
                td { (client.about) }
                @for (.., count) in columns() { td.n { (number(count(client) as u64)) } }
            }
        }
    };
    let content = html! {
        p.quiet { "Published clients as they are shipped, with their own settings, on the same scenarios." }
        (table(
            "Clients",
            html! {
                (heads(None, ["client", "what it is"]))
                (heads(Some("n"), columns().map(|(_, _, head, _)| head)))
            },
            [rows],
        ))
    };
    section("clients", "Clients", content)
}

/// The cells of a scenario.
pub(super) fn cells(linked: &Linked<'_>, row: &Row<'_>) -> Markup {
    html! {
        @for (index, client) in linked.run.clients.iter().enumerate() {
            @match find(client, &row.scenario.name) {
                Some(played) => (client_cell(played, &place(&row.id, index))),
                None => td {},
            }
        }
    }
}

/// The outcomes of a scenario with every client. Clients with equal outcomes share a row.
pub(super) fn of_scenario(linked: &Linked<'_>, row: &Row<'_>) -> Markup {
    let played = linked.run.clients.iter().enumerate().filter_map(|(index, client)| {
        let scenario = find(client, &row.scenario.name)?;
        Some(Played { place: place(&row.id, index), client: &client.name, scenario })
    });
    let played: Vec<_> = played.collect();
    if played.is_empty() {
        return html! {};
    }
    let exchanges = alike(&played, |scenario| exchange(scenario, &row.scenario.case));
    html! {
        section.clients {
            h3 { "The clients" }
            (table(
                "The clients",
                html! {
                    (heads(None, ["client", "request", "ended", "read as", "sent"])) (heads(Some("n"), ["took"]))
                },
                alike(&played, ends).iter().map(|(of, parts)| rows(of, parts)),
            ))
            (details(Some("log"), "Logged by ", &alike(&played, log)))
            (details(None, "First connection of ", &exchanges))
            @if exchanges.iter().any(|(_, parts)| parts.is_empty()) {
                p.quiet { "Other first connections are as on a bare stack, apart from settings and windows." }
            }
        }
    }
}

/// The fragment of a client's part of a scenario.
fn place(id: &str, index: usize) -> String {
    format!("{id}.{index}")
}

/// A client's part of a scenario.
struct Played<'run> {
    place: String,
    client: &'run str,
    scenario: &'run ClientScenario,
}

/// Clients for which a part of the page is the same, and that part.
type Alike<'a, 'run> = (Vec<&'a Played<'run>>, Vec<Markup>);

/// A part of the page for each client. Clients for which it is the same share it, in the order of the first of them.
fn alike<'a, 'run>(
    played: &'a [Played<'run>],
    render: impl Fn(&ClientScenario) -> Vec<Markup>,
) -> Vec<Alike<'a, 'run>> {
    let mut groups: Vec<Alike<'a, 'run>> = Vec::new();
    for one in played {
        let parts = render(one.scenario);
        let same = |other: &[Markup]| other.iter().map(|part| &part.0).eq(parts.iter().map(|part| &part.0));
        match groups.iter_mut().find(|(_, other)| same(other)) {
            Some((of, _)) => of.push(one),
            None => groups.push((vec![one], parts)),
        }
    }
    groups
}

/// The rows of clients with equal outcomes.
fn rows(of: &[&Played<'_>], lines: &[Markup]) -> Markup {
    let span = (lines.len() > 1).then_some(lines.len());
    html! {
        @for (index, line) in lines.iter().enumerate() {
            tr {
                @if index == 0 {
                    th.client scope="rowgroup" rowspan=[span] {
                        @for one in of { div id=(one.place) { (one.client) } }
                    }
                }
                (line)
            }
        }
    }
}

/// What can be unfolded, for the clients that have any of it.
fn details(class: Option<&str>, title: &str, groups: &[Alike<'_, '_>]) -> Markup {
    html! {
        @for (of, parts) in groups.iter().filter(|(_, parts)| !parts.is_empty()) {
            details class=[class] {
                summary { (title) (joined("; ", of.iter().map(|one| html! { (one.client) }))) }
                @for part in parts { (part) }
            }
        }
    }
}

/// A row for each request, and for each mistake.
fn ends(played: &ClientScenario) -> Vec<Markup> {
    if played.unplayable > 0 {
        let why = "Not played: the client or its transport cannot do a step.";
        return vec![html! { td colspan="5" { (why) } }];
    }
    let requests = played.requests.iter().enumerate().map(|(index, request)| {
        html! {
            td { (index) " " (request.method.name()) }
            td { (end(request)) }
            td { @if let Some(chain) = &request.chain { code { (chain) } } }
            td { (sent(request)) }
            td.n { @match request.took_ms { Some(took) => { (number(took)) " ms" }, None => "no end" } }
        }
    });
    let wrong = played.mistakes.iter().map(|mistake| {
        let mark = match mistake.class {
            _ if mistake.of_its_stack => Mark::OF_ITS_STACK,
            MistakeClass::Choice => Mark::HOLD,
            MistakeClass::Fault | MistakeClass::BrokenPromise => Mark::OWN,
        };
        html! {
            td class={ "wrong " (mark.class) } colspan="5" {
                i { (mark.sign) } " "
                b { (mistake.class) @if mistake.of_its_stack { ", of its stack" } ": " }
                (mistake)
            }
        }
    });
    requests.chain(wrong).collect()
}

fn end(request: &ClientRequest) -> Markup {
    html! {
        @match request.ended {
            Ended::Response => "response",
            Ended::Truncated => "truncated response, handed over as complete",
            Ended::BodyError => "error after the head",
            Ended::Error => "error",
            Ended::Cancelled => "cancelled",
            Ended::Open => "open",
        }
        @if let Some(status) = request.status { " " (status) }
        @if let Some(label) = &request.label { " " code { (label) } }
    }
}

fn sent(request: &ClientRequest) -> Markup {
    let (first, later) = (request.on_first_connection, request.on_later_connections);
    html! {
        @match (first, later) {
            (0, 0) => "not",
            (first, 0) => { (times(first)) },
            (0, later) => { (times(later)) ", on later connections" },
            (first, later) => { (times(first)) ", and " (times(later)) " on later connections" },
        }
        @if request.may_have_run_twice {
            "; may have run twice" @if request.has_side_effect { ", with a side effect" }
        }
    }
}

fn times(number: usize) -> String {
    match number {
        1 => "once".into(),
        2 => "twice".into(),
        number => format!("{number} times"),
    }
}

fn log(played: &ClientScenario) -> Vec<Markup> {
    let of_one_module = |lines: &[LogLine]| {
        html! {
            h4 { (lines[0].target) }
            ul {
                @for line in lines {
                    li {
                        b { (line.level) } " " (line.message)
                        @if line.times > 1 { span.quiet { " " (times(line.times)) } }
                    }
                }
            }
        }
    };
    played.logged.chunk_by(|one, next| one.target == next.target).map(of_one_module).collect()
}

/// The exchange of the first connection; nothing if it differs from that of a bare stack in settings and windows only.
fn exchange(played: &ClientScenario, case: &Case) -> Vec<Markup> {
    let own = essence(&played.timeline);
    if played.unplayable > 0 || case.sides.each().iter().any(|side| essence(&side.timeline) == own) {
        return Vec::new();
    }
    vec![html! { pre { (played.timeline.join("\n")) } }]
}

/// The frames of the peer and of the client, each in order, without those that each client chooses for itself.
fn essence(timeline: &[String]) -> [Vec<String>; 2] {
    ["<- ", "-> "].map(|side| {
        let frames = timeline.iter().filter_map(|line| line.strip_prefix(side));
        let own = |frame: &&str| {
            frame.starts_with("SETTINGS")
                || frame.starts_with("WINDOW_UPDATE increment")
                || frame.starts_with("connection")
        };
        let essential = |frame: &str| match frame.split_once(" :method") {
            Some((frame, fields)) => {
                format!("{frame}{}", if fields.ends_with("END_STREAM") { " END_STREAM" } else { "" })
            }
            None => frame.to_owned(),
        };
        frames.filter(|frame| side == "<- " || !own(frame)).map(essential).collect()
    })
}
