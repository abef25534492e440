//! The page as a whole: its head, its landmarks, and the order of its sections.

use super::{Linked, case, clients, lists, matrix, overview};
use conformance::report::Run;
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

/// Nothing is loaded from anywhere, and nothing is sent.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The run as a page of HTML that needs no other file.
pub fn page(run: &Run) -> String {
    let linked = Linked::new(run);
    let head = html! {
        // First, so that what the script opens is not shown before.
        script { "document.documentElement.className='js'" }
    };
    let body = html! {
        a.skip href="#scenarios" { "To the scenarios" }
        div #report {
            header.top { (overview::head(&linked)) }
            main {
                (overview::wrong(&linked))
                (overview::baseline(&linked))
                (matrix::scenarios(&linked))
                (clients::summary(&run.clients))
                (lists::ledger(&linked))
                (lists::shares(run))
                (lists::situations(run))
                (lists::changes(run))
                (lists::clauses(&linked))
                (lists::error_chains(run))
            }
            footer { "Seed " (run.seed) ", digest " code { (run.digest) } "." }
        }
        nav #bar aria-label="Scenario" {
            a #close href="#scenarios" { "Close" }
            a #previous { "Previous" }
            a #next { "Next" }
            span #place {}
        }
        section #details aria-label="Every scenario in full" { (case::all(&linked)) }
        p #said role="status" {}
        script { (PreEscaped(SCRIPT)) }
    };
    document(&run.answer(), &head, &body)
}

/// A page that needs no other file: its style, and what else is in its head and in its body.
pub(crate) fn document(title: &str, head: &Markup, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="color-scheme" content="light dark";
                title { (title) " – conformance" }
                style { (PreEscaped(STYLE)) }
                (head)
            }
            body { (body) }
        }
    };
    page.into_string()
}
