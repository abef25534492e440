//! The first screen: the answer, what was run on which versions, what is wrong, and what is new.

use super::{Linked, LinkedFinding, clients, count, section};
use conformance::{report::baseline::BaselineDiff, stacks::Profile};
use maud::{Markup, html};

/// The answer, and what was run.
pub(super) fn head(linked: &Linked<'_>) -> Markup {
    let run = linked.run;
    let versions: Vec<_> = run.versions.iter().map(ToString::to_string).collect();
    let half = versions.len().min(2);
    html! {
        p.name { "conformance" }
        h1 class=[(run.interrupted || !run.passes()).then_some("bad")] { (run.answer()) }
        p.lead {
            (count(linked.rows.len() as u64, "scenario")) ", "
            (count(run.corpus as u64, "corpus file")) ", "
            (count(run.generated, "generated script")) " and "
            (count(run.error_chains, "error chain")) " from seed " (run.seed) ", with "
            @if run.profile == Profile::Equal {
                "equal settings on both stacks."
            } @else {
                "the settings that each stack comes with."
            }
        }
        dl.facts {
            div { dt { "legacy" } dd { (versions[..half].join(" on ")) } }
            div { dt { "modern" } dd { (versions[half..].join(" on ")) } }
            (clients::version(&run.clients))
        }
        nav.contents aria-label="Sections" {
            @if !run.is_clean() { a href="#wrong" { "What is wrong" } }
            a href="#new" { "What is new" }
            a href="#scenarios" { "Scenarios" }
            @if !linked.run.clients.is_empty() { a href="#clients" { "Clients" } }
            a href="#ledger" { "Divergences" }
            a href="#shares" { "How requests end" }
            a href="#changes" { "Changes" }
            a href="#clauses" { "RFC 9113" }
            a href="#error_chains" { "Error chains" }
        }
    }
}

/// Everything that is unexplained.
pub(super) fn wrong(linked: &Linked<'_>) -> Markup {
    let run = linked.run;
    if run.is_clean() {
        return html! {};
    }
    let content = html! {
        ol.wrong {
            @for finding in &linked.findings { li { (finding_line(finding)) } }
            @for wrong in run.baseline.iter().flat_map(|baseline| &baseline.wrong) {
                li {
                    p { b { "A client breaks a law that it kept in the earlier run" } }
                    p { (wrong.to_string()) }
                }
            }
            @for broken in &run.broken_error_chains {
                li {
                    @let what = format!("{} of an error chain, on {}", broken.law, broken.stack);
                    (title(&what, count(broken.error_chains, "error chain")))
                    p { (broken.message) }
                    p.quiet { (broken.law.text()) }
                    p { "The smallest: " code { (broken.smallest) } }
                    (copied(&broken.replay))
                }
            }
            @for broken in &run.broken_transformations {
                li {
                    @let what = format!("A change that must not matter did: {}", broken.change);
                    (title(&what, count(broken.scripts, "script")))
                    p { (broken.message) }
                    p.quiet { (broken.rfc) }
                    p { "Before the change:" }
                    (copied(&broken.before))
                    p { "After it:" }
                    (copied(&broken.after))
                }
            }
        }
    };
    section("wrong", "What is wrong", content)
}

/// What is wrong, and how often or where.
fn title(what: &str, quiet: String) -> Markup {
    html! { p { b { (what) } " " span.quiet { (quiet) } } }
}

fn finding_line(finding: &LinkedFinding<'_>) -> Markup {
    let LinkedFinding { id, found, is_new, .. } = finding;
    html! {
        p {
            b { @if found.known_by.fingerprint.is_empty() { "A law is broken" } @else { (found.known_by) } } " "
            span.quiet { (count(found.cases, "case")) }
            @if *is_new { " " span.tag { "new" } }
        }
        @for violation in &found.smallest.violations { p { (violation) } }
        p { "The smallest in full: " a href={ "#" (id) } { (found.smallest.name) } }
        (copied(&found.smallest.replay))
    }
}

/// A text to copy. The script puts a button beside it.
pub(super) fn copied(text: &str) -> Markup {
    html! { div.held { pre tabindex="0" { code { (text) } } } }
}

/// What is new since the earlier run.
pub(super) fn baseline(linked: &Linked<'_>) -> Markup {
    let content = html! {
        @match &linked.run.baseline {
            None => p { "Compared with no earlier run." },
            Some(baseline) => (since(linked, baseline)),
        }
    };
    section("new", "What is new", content)
}

fn since(linked: &Linked<'_>, baseline: &BaselineDiff) -> Markup {
    html! {
        @if baseline.is_empty() {
            p {
                "Nothing is new since the earlier run"
                @if baseline.moved.is_empty() { "." } @else { ", apart from versions." }
            }
        }
        dl.baseline {
            (texts("Other versions", &baseline.moved))
            (texts("Found", &baseline.found))
            (texts("Gone", &baseline.gone))
            @if !baseline.changed.is_empty() {
                dt { "Changed" }
                dd {
                    ul {
                        @for changed in &baseline.changed {
                            li {
                                (linked.scenario(&changed.scenario)) " on " (changed.stack)
                                @for number in 0..changed.before.len().max(changed.after.len()) {
                                    @let [before, after] = [&changed.before, &changed.after].map(|ends| ends.get(number));
                                    @if before != after {
                                        div.turned {
                                            span.quiet { "request " (number) }
                                            span { "before: " (end(before)) }
                                            span { "now: " (end(after)) }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            @if !baseline.explained.is_empty() {
                dt { "Explained" }
                dd {
                    ul {
                        @for changed in &baseline.explained {
                            li {
                                (changed)
                                @for command in &changed.replay { (copied(command)) }
                            }
                        }
                    }
                }
            }
            (texts("Clients newly wrong", &baseline.wrong))
            (texts("Clients no longer wrong", &baseline.fixed))
        }
    }
}

fn end(end: Option<&String>) -> &str {
    end.map_or("no such request", |end| end)
}

fn texts(title: &str, texts: &[impl ToString]) -> Markup {
    html! {
        @if !texts.is_empty() {
            dt { (title) }
            dd { ul { @for text in texts { li { (text.to_string()) } } } }
        }
    }
}
