//! What is told of the clients that others wrote: their columns, their part of a scenario, and a summary.

use super::{
    matrix::{Mark, cell},
    number,
};
use conformance::{
    client_driver::LogLine,
    report::{
        Case, Run,
        clients::{ClientReport, ClientRequest, ClientScenario, Ended},
    },
};
use maud::{Markup, html};
use std::collections::HashMap;

/// The clients of a run, with their scenarios by name.
pub(super) struct Clients<'run>(Vec<(&'run ClientReport, HashMap<&'run str, &'run ClientScenario>)>);

impl<'run> Clients<'run> {
    pub(super) fn of(run: &'run Run) -> Clients<'run> {
        let by_name = |client: &'run ClientReport| {
            let scenarios = client.scenarios.iter();
            (client, scenarios.map(|scenario| (scenario.name.as_str(), scenario)).collect())
        };
        Clients(run.clients.iter().map(by_name).collect())
    }

    pub(super) fn any(&self) -> bool {
        !self.0.is_empty()
    }

    pub(super) fn number(&self) -> usize {
        self.0.len()
    }

    /// Whether a client does what a law calls wrong, and its stack does not.
    pub(super) fn is_wrong_itself(&self, scenario: &str) -> bool {
        self.0.iter().any(|(_, scenarios)| scenarios.get(scenario).is_some_and(|played| played.is_wrong_itself()))
    }

    pub(super) fn version(&self) -> Markup {
        let mut versions: Vec<_> = self.0.iter().map(|(client, _)| &*client.version).collect();
        versions.dedup();
        html! { @if self.any() { div { dt { "clients" } dd { (versions.join(", ")) } } } }
    }

    /// What each client is held to, as a table.
    pub(super) fn summary(&self) -> Markup {
        html! {
            @if self.any() {
                section #clients {
                    h2 { "Clients" }
                    p.quiet {
                        "Clients that others wrote, as they are shipped, over the same scenarios, with settings of "
                        "their own."
                    }
                    div.wide tabindex="0" role="region" aria-label="Clients" { table.list {
                        thead { tr {
                            th scope="col" { "client" }
                            th scope="col" { "what it is" }
                            th.n scope="col" { "scenarios" }
                            th.n scope="col" { "not played" }
                            th.n scope="col" { "by the laws" }
                            th.n scope="col" { "wrong, of its stack" }
                            th.n scope="col" { "wrong, its own" }
                            th.n scope="col" { "requests" }
                            th.n scope="col" { "truncated" }
                            th.n scope="col" { "open" }
                            th.n scope="col" { "may have run twice" }
                        } }
                        tbody { @for (client, _) in &self.0 { (summary_line(client)) } }
                    } }
                }
            }
        }
    }

    pub(super) fn heads(&self) -> Markup {
        html! { @for (client, _) in &self.0 { th scope="col" { (client.name) } } }
    }

    pub(super) fn cells(&self, scenario: &str, id: &str) -> Markup {
        html! {
            @for (index, (_, scenarios)) in self.0.iter().enumerate() {
                @match scenarios.get(scenario) {
                    Some(played) => (client_cell(played, &place(id, index))),
                    None => td {},
                }
            }
        }
    }

    /// What every client made of a scenario. What is the same for several is told once.
    pub(super) fn told(&self, scenario: &str, id: &str, case: &Case) -> Markup {
        let played: Vec<_> = self
            .0
            .iter()
            .enumerate()
            .filter_map(|(index, (client, scenarios))| Some((place(id, index), *client, *scenarios.get(scenario)?)))
            .collect();
        if played.is_empty() {
            return html! {};
        }
        let ends = alike(&played, ends);
        let logs = alike(&played, log);
        let exchanges = alike(&played, |scenario| exchange(scenario, case));
        html! {
            section.clients {
                h3 { "The clients" }
                div.wide tabindex="0" role="region" aria-label="The clients" { table.list {
                    thead { tr {
                        th scope="col" { "client" }
                        th scope="col" { "request" }
                        th scope="col" { "ended" }
                        th scope="col" { "read as" }
                        th scope="col" { "sent" }
                        th.n scope="col" { "took" }
                    } }
                    @for (of, told) in &ends {
                        tbody {
                            @for (index, line) in told.iter().enumerate() {
                                tr {
                                    @if index == 0 {
                                        @let rows = (told.len() > 1).then_some(told.len());
                                        th.client scope="rowgroup" rowspan=[rows] { (names(of, true)) }
                                    }
                                    (line)
                                }
                            }
                        }
                    }
                } }
                @for (of, told) in logs.iter().filter(|(_, told)| !told.is_empty()) {
                    details.log { summary { "Logged by " (names(of, false)) } @for part in told { (part) } }
                }
                @for (of, told) in exchanges.iter().filter(|(_, told)| !told.is_empty()) {
                    details { summary { "First connection of " (names(of, false)) } @for part in told { (part) } }
                }
                @if exchanges.iter().any(|(_, told)| told.is_empty()) {
                    p.quiet { "Other first connections are as on a bare stack, apart from settings and windows." }
                }
            }
        }
    }
}

/// Where a client's part of a scenario is.
fn place(id: &str, index: usize) -> String {
    format!("{id}.{index}")
}

type Played<'run> = (String, &'run ClientReport, &'run ClientScenario);

/// What is told of each, those of whom the same is told together, in the order of the first.
fn alike<'a, 'run>(
    played: &'a [Played<'run>],
    tell: impl Fn(&ClientScenario) -> Vec<Markup>,
) -> Vec<(Vec<&'a Played<'run>>, Vec<Markup>)> {
    let mut groups: Vec<(Vec<&Played<'run>>, Vec<Markup>)> = Vec::new();
    for one in played {
        let told = tell(one.2);
        let same = |other: &[Markup]| other.iter().map(|part| &part.0).eq(told.iter().map(|part| &part.0));
        match groups.iter_mut().find(|(_, other)| same(other)) {
            Some((of, _)) => of.push(one),
            None => groups.push((vec![one], told)),
        }
    }
    groups
}

fn names(of: &[&Played<'_>], are_places: bool) -> Markup {
    html! {
        @for (index, (id, client, _)) in of.iter().enumerate() {
            @if are_places { div id=(id) { (client.name) } } @else { @if index > 0 { "; " } (client.name) }
        }
    }
}

fn summary_line(client: &ClientReport) -> Markup {
    let of = |holds: &dyn Fn(&ClientScenario) -> bool| number(client.number(|scenario| holds(scenario)) as u64);
    let requests = |holds: &dyn Fn(&ClientRequest) -> bool| number(client.requests(|request| holds(request)) as u64);
    html! {
        tr {
            th.client scope="row" { (client.name) }
            td { (client.about) }
            td.n { (number(client.scenarios.len() as u64)) }
            td.n { (of(&|scenario| scenario.unplayable > 0)) }
            td.n { (of(&|scenario| scenario.unplayable == 0 && scenario.wrong.is_empty())) }
            td.n { (of(&|scenario| !scenario.wrong.is_empty() && !scenario.is_wrong_itself())) }
            td.n { (of(&ClientScenario::is_wrong_itself)) }
            td.n { (requests(&|_| true)) }
            td.n { (requests(&|request| request.ended == Ended::Truncated)) }
            td.n { (requests(&|request| request.ended == Ended::Open)) }
            td.n { (requests(&|request| request.may_have_run_twice)) }
        }
    }
}

fn client_cell(played: &ClientScenario, target: &str) -> Markup {
    let mark = if played.unplayable > 0 {
        Mark::Unplayed
    } else if played.is_wrong_itself() {
        Mark::Own
    } else if !played.wrong.is_empty() {
        Mark::OfItsStack
    } else {
        Mark::Hold
    };
    if mark == Mark::Unplayed {
        return cell(mark, &[mark.word().to_owned()], target);
    }
    cell(mark, &played.requests.iter().map(short_end).collect::<Vec<_>>(), target)
}

/// How a request ended and how often it was sent, in a word or two.
fn short_end(request: &ClientRequest) -> String {
    let end = match (request.ended, &request.label) {
        (Ended::Response, _) => request.status.map_or_else(|| "response".into(), |status| status.to_string()),
        (Ended::Truncated, _) => "truncated".into(),
        (Ended::BodyError, _) => "body error".into(),
        (Ended::Error, Some(label)) => label.clone(),
        (Ended::Error, None) => "error".into(),
        (Ended::Open, _) => "open".into(),
    };
    match request.on_first_connection + request.on_later_connections {
        1 => end,
        0 => format!("{end}, not sent"),
        sent => format!("{end}, {sent} tries"),
    }
}

/// A row for each request, and what is wrong.
fn ends(played: &ClientScenario) -> Vec<Markup> {
    if played.unplayable > 0 {
        let why = "Not played: no read or write fails as chosen over TLS.";
        return vec![html! { td colspan="5" { (why) } }];
    }
    let requests = played.requests.iter().enumerate().map(|(number, request)| {
        html! {
            td { (number) " " (request.method.name()) }
            td { (end(request)) }
            td { @if let Some(chain) = &request.chain { code { (chain) } } }
            td { (sent(request)) }
            td.n { @match request.took_ms { Some(took) => { (super::number(took)) " ms" }, None => "no end" } }
        }
    });
    let wrong = played.wrong.iter().map(|wrong| {
        let class = if wrong.of_its_stack { Mark::OfItsStack } else { Mark::Own };
        html! {
            td.wrong colspan="5" class=(class.class()) {
                i { (class.sign()) } " "
                b { @if wrong.of_its_stack { "wrong, as its stack is: " } @else { "wrong, of itself: " } }
                "request " (wrong.request) ": " (wrong.law) ": " (wrong.message)
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

/// The exchange of the first connection; nothing if it is that of a bare stack but for settings and windows.
fn exchange(played: &ClientScenario, case: &Case) -> Vec<Markup> {
    let own = essence(&played.timeline);
    if played.unplayable > 0 || case.sides.each().iter().any(|side| essence(&side.timeline) == own) {
        return Vec::new();
    }
    vec![html! { pre { (played.timeline.join("\n")) } }]
}

/// What the peer sent and what the client did, each in its order, without what each client sets up in its own way.
fn essence(timeline: &[String]) -> [Vec<String>; 2] {
    ["<- ", "-> "].map(|side| {
        let frames = timeline.iter().filter_map(|line| line.strip_prefix(side));
        let own = |frame: &&str| {
            frame.starts_with("SETTINGS")
                || frame.starts_with("WINDOW_UPDATE increment")
                || frame.starts_with("connection")
        };
        let told = |frame: &str| match frame.split_once(" :method") {
            Some((frame, fields)) => {
                format!("{frame}{}", if fields.ends_with("END_STREAM") { " END_STREAM" } else { "" })
            }
            None => frame.to_owned(),
        };
        frames.filter(|frame| side == "<- " || !own(frame)).map(told).collect()
    })
}
