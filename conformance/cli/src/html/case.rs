//! One case in full: the exchange, what each application saw, the verdict of RFC 9113, and the laws.

use super::{Linked, clients, count, matrix::Mark, overview::copied};
use conformance::{
    chain::Chain,
    report::{
        Case, RequestReport, SideReport,
        alike::{self, Shown},
        case::DivergenceReport,
        explain::{LONGEST_SHOWN, clauses, processed, response, truly_ended, verdict},
        layout::shortened,
        timeline,
    },
    stacks::Profile,
    vocabulary::{PerStack, StackName},
};
use maud::{Markup, html};

/// Every finding and every scenario.
pub(super) fn all(linked: &Linked<'_>) -> Markup {
    html! {
        @for finding in linked.findings.iter().filter(|finding| !finding.is_scenario) {
            (article(&finding.found.smallest, &finding.id, "finding", true, html! {}))
        }
        @for row in &linked.rows {
            @let case = &row.scenario.case;
            (article(case, &row.id, row.theme, case.fails(), clients::of_scenario(linked, row)))
        }
    }
}

fn article(case: &Case, id: &str, kind: &str, is_found: bool, clients: Markup) -> Markup {
    html! {
        article.case.found[is_found] id=(id) tabindex="-1" {
            p.kind { (kind) @for stack in StackName::ALL { (mark(case, stack)) } }
            h2 { (case.name) }
            @if let Some(about) = &case.about { p.about { (about) } }
            @if !case.rfc.is_empty() { p.rfc { "By " (clauses(&case.rfc)) "." } }
            @if !case.seen.is_empty() { p.rfc { "Seen in " (case.seen.join(", ")) "." } }
            @if case.profile != Profile::Equal { p.rfc { "Played with the settings that each stack comes with." } }
            div.two {
                section { h3 { "The exchange" } (exchange(&case.sides.map(SideReport::exchange))) }
                div {
                    section { h3 { "The requests" } (requests(case)) }
                    section { h3 { "The laws" } (laws(case)) }
                }
                section {
                    h3 { "Play it again" }
                    (copied(&case.replay))
                    h3 { "The script" }
                    @let script = case.to_scenario();
                    @if script.len() > LONGEST_SHOWN {
                        p {
                            "Its TOML has " (count(script.len() as u64, "byte"))
                            ", too many to show; with --json it is the key " code { "script" } "."
                        }
                    } @else {
                        (copied(&script))
                    }
                }
            }
            (clients)
        }
    }
}

fn mark(case: &Case, stack: StackName) -> Markup {
    let mark = Mark::of(case, stack);
    html! { span.mark { (stack) ": " b class=(mark.class) { (mark.sign) " " (mark.word) } } }
}

/// Both exchanges between two lifelines: the client's frames begin at the left, the peer's at the right.
fn exchange(sides: &PerStack<Vec<String>>) -> Markup {
    let [legacy, modern] = sides.each();
    html! {
        div.ends aria-hidden="true" { span { "client" } span { "peer" } }
        ol.exchange {
            @for shown in alike::exchange(timeline::merged(legacy, modern)) {
                @match shown {
                    Shown::Line((stack, line)) => {
                        @let (class, arrow, text) = event(line);
                        li class=(class) {
                            @if let Some(stack) = stack { b class=(stack.name()) { (stack) " only" } " " }
                            @if !arrow.is_empty() { i { (arrow) } " " }
                            (shortened(text))
                        }
                    }
                    Shown::LeftOut(lines) => li.n { "… " (lines) " more lines like these, up to:" },
                }
            }
        }
    }
}

/// The class of a line of an exchange, its arrow, and the rest of it.
fn event(line: &str) -> (&'static str, &'static str, &str) {
    match line.split_at_checked(3) {
        Some(("-> ", text)) => ("c", "→", text),
        Some(("<- ", text)) => ("p", "←", text),
        Some((" ! ", text)) => ("n breach", "!", text),
        _ => ("n", "", line.trim_start().trim_start_matches("* ")),
    }
}

fn requests(case: &Case) -> Markup {
    let [legacy, modern] = case.sides.each();
    html! {
        @for alike in alike::requests(case) {
            @let [legacy, modern] = alike.sides;
            (sides(&alike.name(), &request(case, alike.numbers[0], legacy, modern)))
        }
        (sides("Connection", &[
            ("by the RFC", text(&legacy.connection), text(&modern.connection)),
            ("panicked", panics(&legacy.panics), panics(&modern.panics)),
        ]))
    }
}

/// A row about both stacks: its label, and its text on legacy and on modern.
type Line = (&'static str, Markup, Markup);

fn request(case: &Case, number: usize, legacy: &RequestReport, modern: &RequestReport) -> Vec<Line> {
    let texts = |label, tell: &dyn Fn(&RequestReport) -> String| (label, text(&tell(legacy)), text(&tell(modern)));
    let mut lines = vec![
        texts("ended", &|request| request.end.ended()),
        texts("response", &response),
        ("error", messages(legacy), messages(modern)),
        ("read as", chain(legacy.end.chain.as_ref()), chain(modern.end.chain.as_ref())),
        texts("verdict", &verdict),
    ];
    lines.extend(case.expected.get(number).map(|expected| ("expected", text(expected), text(expected))));
    lines.extend([
        (MODEL, html! {}, html! {}),
        texts("processed", &|request| processed(&request.truth)),
        texts("complete", &|request| request.truth.complete.to_string()),
        texts("ended", &|request| truly_ended(&request.truth)),
    ]);
    lines
}

/// The label above the model's answers.
const MODEL: &str = "By RFC 9113";

/// A table of both stacks: one cell where they are equal, and two where not. Columns have heads only if a row has two
/// cells. [`MODEL`] is a heading for the rows below it; another row without text is left out.
fn sides(caption: &str, lines: &[Line]) -> Markup {
    let differ = lines.iter().any(|(_, legacy, modern)| legacy.0 != modern.0);
    let columns = if differ { "3" } else { "2" };
    html! {
        table.sides {
            caption { (caption) @if !differ { span.quiet { ", the same on both stacks" } } }
            @if differ { thead { tr { td {} @for stack in StackName::ALL { th scope="col" { (stack) } } } } }
            tbody {
                @for (label, legacy, modern) in lines {
                    @if *label == MODEL {
                        tr.sub { th colspan=(columns) scope="rowgroup" { (label) } }
                    } @else if !legacy.0.is_empty() || !modern.0.is_empty() {
                        tr {
                            th scope="row" { (label) }
                            @if !differ {
                                td { (legacy) }
                            } @else if legacy.0 == modern.0 {
                                td colspan="2" { (legacy) }
                            } @else {
                                td { (legacy) }
                                td { (modern) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn text(text: &str) -> Markup {
    html! { (shortened(text)) }
}

fn messages(request: &RequestReport) -> Markup {
    links(request.messages.iter().map(|message| text(message)))
}

fn chain(chain: Option<&Chain>) -> Markup {
    links(chain.map(|chain| &*chain.links).unwrap_or_default().iter().map(|link| html! { code { (link) } }))
}

/// The links of an error, outermost first.
fn links(links: impl ExactSizeIterator<Item = Markup>) -> Markup {
    /// An error can have any number of links; nobody reads more.
    const SHOWN: usize = 50;
    let number = links.len();
    html! {
        @if number > 0 {
            ol.links {
                @for link in links.take(SHOWN) { li { (link) } }
                @if number > SHOWN { li { "and " (number - SHOWN) " more" } }
            }
        }
    }
}

fn panics(panics: &[String]) -> Markup {
    html! { @for panic in panics { p { (panic) } } }
}

fn laws(case: &Case) -> Markup {
    html! {
        @if case.violations.is_empty() { p { "All hold." } }
        @if case.unexplained { p.bad { "This is unexplained." } }
        @if !case.disputed.is_empty() { p.bad { "The model disagrees with what is expected." } }
        @for of_one_law in case.violations.chunk_by(|one, next| one.law == next.law) {
            p.law { (of_one_law[0].law.text()) }
            ul { @for violation in alike::violations(of_one_law) { li { (shortened(&violation)) } } }
        }
        @for but in &case.but { p { b { "Known, and stated in the scenario: " } (but) } }
        @if case.laws_only {
            p { "Held to the laws only: what the scenario expects depends on other settings of the stacks." }
        }
        @if case.configuration {
            p { "Configuration: the stacks differ by their own settings only. Equal settings leave nothing unexplained." }
        }
        @for entry in &case.divergences { (divergence(entry)) }
    }
}

fn divergence(entry: &DivergenceReport) -> Markup {
    html! {
        div.entry {
            h4 { "Known: " a href={ "#ledger-" (entry.name) } { (entry.name) } }
            dl { @for (label, text) in entry.parts() { dt { (label) } dd { (text) } } }
        }
    }
}
