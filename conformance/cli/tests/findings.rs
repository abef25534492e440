//! The findings: what the command prints, and the page of the guide, which is made from the same source.

use conformance::ledger::Harm;
use conformance_cli::{
    findings::{Findings, findings_page, findings_text},
    reproduce::every_case,
};
use std::{env, fs, process::Command};

/// The page of the guide.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/findings.md");

#[test]
fn the_page_of_the_guide_has_the_findings() {
    let page = fs::read_to_string(PAGE).expect("it is there");
    let head = page.find("\n# ").map_or(&*page, |end| &page[..end]).trim_end();
    let made = format!("{head}\n\n{}", findings_page(&Findings::new(None)));
    if env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(PAGE, &made).expect("it can be written");
    }
    assert!(page == made, "findings.md is not what the ledgers say: INSTA_UPDATE=always makes it again");
}

#[test]
fn the_worst_stand_first_and_what_only_an_older_series_has_stands_last() {
    let findings = Findings::new(None).findings;
    assert!(findings.len() > 50, "{} findings", findings.len());
    for pair in findings.windows(2).filter(|pair| pair[0].project == pair[1].project) {
        let key = |index: usize| (!pair[index].is_in_newest, pair[index].harm);
        assert!(key(0) <= key(1), "{} stands before {}", pair[0].name, pair[1].name);
    }
    let worst = findings.iter().find(|finding| finding.project == "hyper").expect("hyper has findings");
    assert_eq!((worst.harm, &*worst.name), (Harm::DataLost, "no-error-ends-the-body"));
    assert_eq!(worst.series, "1 and 0.14");
    assert_eq!(findings.iter().map(|finding| &*finding.project).collect::<std::collections::BTreeSet<_>>(), {
        Findings::projects().into_iter().collect()
    });
}

#[test]
fn a_difference_that_rfc_9113_leaves_open_is_no_finding() {
    let findings = Findings::new(None).findings;
    assert!(findings.iter().all(|finding| finding.name != "small-data-flood"));
}

#[test]
fn each_finding_of_a_stack_can_be_reproduced() {
    let cases = every_case().expect("the scenarios are valid");
    for finding in Findings::new(None).findings {
        if let Some(name) = finding.shown_by.strip_prefix("reproduce ") {
            assert!(cases.iter().any(|case| case == name), "no program is written for {name}");
        }
    }
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    // Names are never broken, and the longest has 47 characters behind its label.
    for width in [65, 100] {
        let text = findings_text(&Findings::new(None), width);
        let text = anstream::adapter::strip_str(&text).to_string();
        let wide = text.lines().filter(|line| line.chars().count() > width).collect::<Vec<_>>();
        assert!(wide.is_empty(), "{width}: {wide:#?}");
    }
}

#[test]
fn the_command_writes_json_and_takes_a_crate() {
    let run = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_conformance")).arg("findings").args(arguments).output().expect("it starts")
    };
    let found: Findings = serde_json::from_slice(&run(&["h2", "--json"]).stdout).expect("it is JSON");
    assert_eq!(found, Findings::new(Some("h2")));
    assert!(found.findings.iter().all(|finding| finding.project == "h2"));
    let unknown = run(&["h3"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("reqwest"), "it lists the crates");
}
