//! The pages of `serve --listen`: a list of the scenarios, and one of each.

use super::ports::{Judged, Port, State};
use crate::html::{document, heads};
use conformance::{report::layout::count, scenarios::Expectation, script::Request};
use maud::{Markup, html};
use std::sync::Arc;

fn page(title: &str, content: &Markup) -> String {
    document(title, &html! {}, &html! { div #report { (content) } })
}

/// The list of the scenarios.
pub(super) fn index(ports: &[Arc<Port>]) -> String {
    let content = html! {
        header.top {
            h1 { "Point a client here" }
            p.lead {
                "Each port misbehaves in its own way. Send the requests of a row with a new client, over HTTP/2 with prior "
                "knowledge or over TLS with " a href="/ca.pem" { "this certificate" } ", and look at the verdict. "
                "For programs, " a href="/verdict" { code { "/verdict" } } " has everything as JSON."
            }
        }
        main {
            div.wide { table.list {
                thead { tr { (heads(None, ["scenario", "send", "what should happen", "verdict"])) } }
                tbody { @for port in ports { tr {
                    th scope="row" { a href={ "/" (port.scenario.name) } { (port.scenario.name) } br; (port.scenario.about) }
                    td { @for (number, request) in port.scenario.script.requests().enumerate() { div { (send(port, number, request)) } } }
                    td { @for expected in &port.scenario.expect { div { (expectation(expected)) } } }
                    td { (state(port)) }
                } } }
            } }
        }
    };
    page("Scenarios", &content)
}

/// A request as the client has to send it.
fn send(port: &Port, number: usize, request: &Request) -> Markup {
    let size = request.body().size();
    html! {
        code { (request.method().name()) " http://" (port.address) "/" (number) }
        @if size > 0 { ", with " (count(size.into(), "byte")) " of content" }
    }
}

/// What RFC 9113 makes of a request.
fn expectation(expected: &Expectation) -> String {
    let processed: Vec<String> = expected.processed.iter().map(ToString::to_string).collect();
    let end = match expected {
        Expectation { choice: true, .. } => "RFC 9113 leaves it open",
        Expectation { complete: true, .. } => "a complete response",
        Expectation { advice, .. } if advice.is_empty() => "it may stay open",
        _ => "an error",
    };
    format!("{end}; processed {}", processed.join(" or "))
}

fn state(port: &Port) -> Markup {
    let verdict = port.verdict();
    html! {
        @match (verdict.state, &verdict.judged) {
            (State::Waiting, _) => { "waits for a client" },
            (State::Playing, _) => { "is being played" },
            (_, Some(judged)) => { (short(judged)) },
            (_, None) => {},
        }
    }
}

fn short(judged: &Judged) -> String {
    match &judged.mistakes[..] {
        [] => "no mistake on the wire".into(),
        mistakes => mistakes.iter().map(|mistake| mistake.kind.name()).collect::<Vec<_>>().join(", "),
    }
}

/// A scenario and the verdict on its last play.
pub(super) fn of_port(port: &Port) -> String {
    let scenario = &port.scenario;
    let content = html! {
        header.top { p.name { a href="/" { "All scenarios" } } h1 { (scenario.name) } p.lead { (scenario.about) } }
        main {
            section {
                h2 { "Send" }
                @for (number, request) in scenario.script.requests().enumerate() { p { (send(port, number, request)) } }
                h2 { "What should happen" }
                @for expected in &scenario.expect { p { (expectation(expected)) } }
            }
            section {
                h2 { "Verdict" }
                p { (state(port)) ". As JSON: " a href={ "/verdict/" (scenario.name) } { "/verdict/" (scenario.name) } }
                @if let Some(judged) = port.verdict().judged {
                    @for mistake in &judged.mistakes { p { b { (mistake.class) } ": " (mistake) } }
                    @for (number, request) in judged.requests.iter().enumerate() { p {
                        "request " (number) ": sent " (request.on_first_connection) " on the first connection, "
                        (request.on_later_connections) " on later ones"
                    } }
                    pre { (judged.exchange.join("\n")) }
                }
            }
            section { h2 { "The script" } pre { (scenario.script.to_toml()) } }
        }
    };
    page(&scenario.name, &content)
}
