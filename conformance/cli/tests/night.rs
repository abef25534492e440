//! The report of a night: its first line, the cause of each new finding, and that each is reported once.

use conformance::{
    judge::KnownBy,
    oracles::{
        Law,
        clients::{Mistake, MistakeClass, MistakeKind},
    },
    report::{
        Case, Finding, Found, Run, SCHEMA, Version,
        baseline::BaselineDiff,
        clients::{ClientReport, ClientScenario},
    },
};
use conformance_cli::{
    night::{
        Before, Cause, FoundWith, Known, LOCKED, Night, Step, StepEnd, Tonight,
        text::{issues, summary},
    },
    sweep::Sweep,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A run with these crates, these findings, and these wrongs of a client.
fn run(locked: &[(&str, &str)], found: &[&str], wrong: &[&str]) -> Run {
    let version = |(name, version): &(&str, &str)| {
        let (version, source) =
            version.split_once(" at ").map_or((*version, None), |(version, at)| (version, Some(at)));
        Version { name: (*name).into(), version: version.into(), source: source.map(|commit| format!("at {commit}")) }
    };
    let violation = |fingerprint: &&str| Found {
        cases: 3,
        known_by: KnownBy::from((*fingerprint).to_owned()),
        rendered: format!("all of {fingerprint}"),
        smallest: Case { replay: format!("explain {fingerprint}"), ..Case::default() },
    };
    let violations = wrong.iter().map(|message| Mistake {
        kind: MistakeKind::RunTwice,
        class: MistakeClass::Fault,
        law: Law::Safety,
        request: Some(0),
        message: (*message).into(),
        of_its_stack: false,
    });
    let scenario = ClientScenario {
        name: "goaway".into(),
        unplayable: 0,
        connections: 1,
        requests: Vec::new(),
        timeline: Vec::new(),
        mistakes: violations.collect(),
        logged: Vec::new(),
    };
    let (about, version_of) = (String::new(), String::new());
    let client =
        ClientReport { name: "client".into(), about, version: version_of, retries: true, scenarios: vec![scenario] };
    Run {
        schema: SCHEMA,
        seed: 1,
        locked: locked.iter().map(version).collect(),
        violations: found.iter().map(violation).collect(),
        clients: vec![client],
        ..Run::default()
    }
}

const CRATES: &[(&str, &str)] = &[("h2", "0.3.27"), ("h2", "0.4.20"), ("bytes", "1.10.0")];
const NEW_H2: &[(&str, &str)] = &[("h2", "0.3.27"), ("h2", "0.4.21"), ("bytes", "1.10.0")];
const ALL_NEW: &[(&str, &str)] = &[("h2", "0.3.27"), ("h2", "0.4.21"), ("bytes", "1.11.0")];

fn tonight(runs: Vec<(&str, Run)>) -> Tonight {
    let runs: BTreeMap<String, Run> = runs.into_iter().map(|(name, run)| (name.to_owned(), run)).collect();
    Tonight { runs, ..Tonight::default() }
}

fn before(run: Run) -> Before {
    Before { locked: Some(run), ..Before::default() }
}

fn first_line(night: &Night) -> String {
    summary(night).lines().next().unwrap_or_default().to_owned()
}

#[test]
fn a_night_like_the_one_before_is_quiet() {
    let night =
        Night::new(tonight(vec![(LOCKED, run(CRATES, &[], &["known"]))]), &before(run(CRATES, &[], &["known"])));
    assert!(night.is_quiet());
    assert_eq!(first_line(&night), "Nothing is new.");
    assert!(issues(&night).is_empty());
}

#[test]
fn a_new_finding_is_caused_by_our_code_if_no_crate_has_changed() {
    let night = Night::new(tonight(vec![(LOCKED, run(CRATES, &["a", "b"], &[]))]), &before(run(CRATES, &["a"], &[])));
    assert_eq!(night.new.len(), 1);
    assert_eq!(night.new[0].cause, Cause::OurCode);
    let first = first_line(&night);
    assert!(first.starts_with("**Our code has changed the outcome of a run**: 2 findings are new"), "{first}");
}

#[test]
fn a_new_finding_after_a_change_of_the_lock_file_names_the_crate() {
    let night = Night::new(tonight(vec![(LOCKED, run(NEW_H2, &["a"], &[]))]), &before(run(CRATES, &[], &[])));
    let first = first_line(&night);
    assert!(first.starts_with("**A dependency has changed: h2 0.4.20 → 0.4.21**: 1 finding is new"), "{first}");
}

#[test]
fn the_cause_is_the_smallest_change_of_dependencies_that_shows_the_finding() {
    let runs = vec![
        (LOCKED, run(CRATES, &[], &[])),
        ("newest", run(ALL_NEW, &["a"], &["twice"])),
        ("only-h2", run(NEW_H2, &["a"], &["twice"])),
    ];
    let night = Night::new(tonight(runs), &before(run(CRATES, &[], &[])));
    assert_eq!(night.new.len(), 1, "one cause is one group");
    assert_eq!(night.new[0].with, FoundWith::OneNewer("only-h2".into()));
    assert_eq!((night.new[0].findings.len(), night.new[0].wrong.len()), (1, 1));
    let [issue] = &issues(&night)[..] else { panic!("one issue for one cause") };
    assert_eq!(issue.title, "A dependency has changed: h2 0.4.20 → 0.4.21");
    for part in ["all of a", "explain a", "client in goaway: request 0: run twice: twice"] {
        assert!(issue.body.contains(part), "{part} is not in {}", issue.body);
    }
}

#[test]
fn a_finding_is_not_reported_again_unless_it_was_gone_in_between() {
    let found = || tonight(vec![(LOCKED, run(CRATES, &[], &[])), ("newest", run(ALL_NEW, &["a"], &["twice"]))]);
    let none = || tonight(vec![(LOCKED, run(CRATES, &[], &[])), ("newest", run(ALL_NEW, &[], &[]))]);
    let first = Night::new(found(), &before(run(CRATES, &[], &[])));
    assert_eq!(first.new.len(), 1);
    let after = |known: Vec<Known>| Before { known, ..before(run(CRATES, &[], &[])) };
    let second = Night::new(found(), &after(first.known.clone()));
    assert!(second.is_quiet(), "{}", summary(&second));
    assert_eq!(second.again, 2);
    let third = Night::new(none(), &after(second.known.clone()));
    assert_eq!((third.gone.len(), third.known.len()), (2, 0));
    assert!(!Night::new(found(), &after(third.known)).is_quiet(), "the finding has come back");
}

#[test]
fn a_finding_of_a_fuzz_target_is_new_once_and_stays_known() {
    let fuzzed = || {
        let finding =
            |id: &str| Finding { id: id.into(), cases: 2, rendered: "shown".into(), replay: "explain hex:00".into() };
        let fuzzed = vec![("classify".to_owned(), finding("like one")), ("server".to_owned(), finding("like another"))];
        Tonight { fuzzed, ..tonight(vec![(LOCKED, run(CRATES, &[], &[]))]) }
    };
    let first = Night::new(fuzzed(), &before(run(CRATES, &[], &[])));
    assert_eq!(first.new.len(), 2, "no crate has changed, so the findings have no common cause");
    assert!(first_line(&first).starts_with("**New finding of "), "{}", first_line(&first));
    let known = Before { known: first.known, ..before(run(CRATES, &[], &[])) };
    assert!(Night::new(fuzzed(), &known).is_quiet());
    let without = Night::new(tonight(vec![(LOCKED, run(CRATES, &[], &[]))]), &known);
    assert_eq!((without.gone.len(), without.known.len()), (0, 2), "a finding that is not met again may still exist");
}

#[test]
fn a_failed_step_is_in_the_first_line_and_a_step_that_was_left_out_is_not() {
    let step = |name: &str, ended| Step { name: name.into(), ended, said: format!("{name} said so\nand more") };
    let steps = vec![step("mutants", StepEnd::Failed), step("main", StepEnd::Left), step("coverage", StepEnd::Done)];
    let night =
        Night::new(Tonight { steps, ..tonight(vec![(LOCKED, run(CRATES, &[], &[]))]) }, &before(run(CRATES, &[], &[])));
    assert!(!night.is_quiet());
    assert_eq!(first_line(&night), "**The step failed: mutants**: mutants said so");
    assert!(summary(&night).contains("| main | left out | main said so |"));
}

#[test]
fn the_first_night_has_nothing_to_compare_with() {
    let night = Night::new(tonight(vec![(LOCKED, run(CRATES, &["a"], &["wrong"]))]), &Before::default());
    assert_eq!(night.new[0].cause, Cause::FirstNight);
    assert!(night.new[0].wrong.is_empty(), "known wrongs of clients are not new");
}

#[test]
fn findings_in_older_releases_are_recorded_on_the_first_night_and_new_on_any_other() {
    const OLD: &[(&str, &str)] = &[("h2", "0.3.27"), ("h2", "0.4.9"), ("bytes", "1.10.0")];
    let runs = |found| tonight(vec![(LOCKED, run(CRATES, &[], &[])), ("minimal", run(OLD, found, &[]))]);
    let first = Night::new(runs(&["a"]), &Before::default());
    assert!(first.is_quiet(), "{}", summary(&first));
    assert_eq!((first.recorded, first.known.len()), (1, 1));
    let next = Night::new(runs(&["a", "b"]), &Before { known: first.known, ..before(run(CRATES, &[], &[])) });
    assert_eq!((next.again, next.new.len(), &*next.new[0].findings[0].id), (1, 1, "b"));
}

#[test]
fn nothing_is_new_in_what_the_earlier_run_did_not_record() {
    let earlier = Run { locked: Vec::new(), clients: Vec::new(), ..run(CRATES, &[], &[]) };
    let baseline = BaselineDiff::between(&earlier, &run(CRATES, &[], &["wrong"]));
    assert!(baseline.is_empty() && baseline.moved.is_empty());
}

#[test]
fn a_night_is_read_back_as_it_was_written() {
    let tonight = Tonight {
        steps: vec![Step { name: "main".into(), ended: StepEnd::Left, said: "no network".into() }],
        sweeps: swept(&[("0.4.0", "1.12.0", true)]),
        ..tonight(vec![(LOCKED, run(NEW_H2, &["a"], &["twice"])), ("only-h2", run(ALL_NEW, &["b"], &[]))])
    };
    let night = Night::new(tonight, &before(run(CRATES, &[], &[])));
    assert!(!night.new.is_empty() && night.known.iter().any(|known| known.release.is_some()));
    let written = serde_json::to_string(&night).expect("it can be written");
    assert_eq!(serde_json::from_str::<Night>(&written).expect("it can be read"), night);
}

#[test]
fn a_new_wrong_of_a_client_is_reported_once_and_is_not_gone_while_it_lasts() {
    let wrong = || tonight(vec![(LOCKED, run(CRATES, &[], &["twice"]))]);
    let first = Night::new(wrong(), &before(run(CRATES, &[], &[])));
    assert_eq!(first.new[0].wrong.len(), 1);
    let second = Night::new(wrong(), &Before { known: first.known, ..before(run(CRATES, &[], &["twice"])) });
    assert!(second.is_quiet(), "{}", summary(&second));
    assert_eq!((second.again, second.gone.len(), second.known.len()), (1, 0, 1));
    let known = Before { known: second.known, ..before(run(CRATES, &[], &["twice"])) };
    let third = Night::new(tonight(vec![(LOCKED, run(CRATES, &[], &[]))]), &known);
    assert_eq!((third.gone.len(), third.known.len()), (1, 0));
}

#[test]
fn a_released_crate_is_named_before_a_main_branch() {
    const MAIN: &[(&str, &str)] = &[("h2", "0.3.27"), ("h2", "0.4.21 at 1a2b3c4"), ("bytes", "1.10.0")];
    let runs = vec![
        (LOCKED, run(CRATES, &[], &[])),
        ("main-h2", run(MAIN, &["a"], &[])),
        ("only-h2-0.4.21", run(NEW_H2, &["a"], &[])),
    ];
    let night = Night::new(tonight(runs), &before(run(CRATES, &[], &[])));
    assert_eq!(issues(&night)[0].title, "A dependency has changed: h2 0.4.20 → 0.4.21");
    // The next night has another newer version, and so no run of that name.
    let runs = vec![(LOCKED, run(CRATES, &[], &[])), ("newest", run(NEW_H2, &[], &[]))];
    let known = Before { known: night.known, ..before(run(CRATES, &[], &[])) };
    assert_eq!(Night::new(tonight(runs), &known).gone.len(), 1);
}

#[test]
fn a_finding_of_a_longer_run_is_not_gone_after_a_shorter_one() {
    let long = || {
        let mut run = run(CRATES, &["a"], &[]);
        run.generated = 1_000;
        run
    };
    let first = Night::new(tonight(vec![(LOCKED, long())]), &before(run(CRATES, &[], &[])));
    let known = Before { known: first.known, ..before(long()) };
    let short = Night::new(tonight(vec![(LOCKED, run(CRATES, &[], &[]))]), &known);
    assert_eq!((short.gone.len(), short.known.len()), (0, 1));
}

#[test]
fn without_the_run_of_the_lock_file_failures_and_findings_are_reported_and_nothing_is_gone() {
    let steps = vec![Step { name: "the suite".into(), ended: StepEnd::Failed, said: "it was killed".into() }];
    let without = |known| {
        let runs = tonight(vec![("newest", run(NEW_H2, &["a"], &[]))]);
        Night::new(Tonight { steps: steps.clone(), ..runs }, &Before { known, ..before(run(CRATES, &[], &[])) })
    };
    let known = vec![Known { id: "b".into(), with: FoundWith::run(LOCKED), release: None }];
    let night = without(known.clone());
    assert_eq!(issues(&night)[0].title, "A dependency has changed: h2 0.4.20 → 0.4.21");
    assert!(summary(&night).contains("**The step failed: the suite**: it was killed"));
    assert!(night.gone.is_empty() && night.known.contains(&known[0]));
}

/// A sweep of releases of h2, each with its hyper and whether something is unexplained.
fn swept(releases: &[(&str, &str, bool)]) -> Vec<Sweep> {
    let release = |(version, partner, bad): &(&str, &str, bool)| {
        let unexplained: &[&str] = if *bad { &["safety: request 0: it says No"] } else { &[] };
        let play = json!({
            "name": "goaway", "requests": [], "sent": [], "panics": 0, "differs": false, "divergences": [],
            "unexplained": unexplained,
        });
        json!({ "version": version, "partner": partner, "status": { "status": "played", "scenarios": [play] } })
    };
    let releases: Vec<Value> = releases.iter().map(release).collect();
    let line = json!({ "partner": "hyper", "observed": "the modern stack", "releases": releases });
    vec![serde_json::from_value(json!({ "schema": SCHEMA, "name": "h2", "lines": [line] })).expect("it is a sweep")]
}

#[test]
fn a_finding_is_new_in_a_later_release_and_recorded_in_a_release_that_was_never_swept() {
    let night = |releases, before: &Before| {
        Night::new(Tonight { sweeps: swept(releases), ..tonight(vec![(LOCKED, run(CRATES, &[], &[]))]) }, before)
    };
    let first = night(&[("0.4.0", "1.12.0", true), ("0.4.20", "1.12.0", false)], &before(run(CRATES, &[], &[])));
    assert!(first.is_quiet(), "{}", summary(&first));
    assert_eq!((first.recorded, first.known.len()), (1, 1));

    let after = |releases, known| Before { sweeps: swept(releases), known, ..before(run(CRATES, &[], &[])) };
    let earlier = after(&[("0.4.0", "1.12.0", true), ("0.4.20", "1.12.0", false)], first.known);
    let came = &[("0.4.0", "1.12.0", true), ("0.4.20", "1.12.0", false), ("0.4.21", "1.12.0", true)];
    let second = night(came, &earlier);
    assert_eq!(second.again, 1);
    let [issue] = &issues(&second)[..] else { panic!("one release came out") };
    assert_eq!(issue.title, "A dependency has changed: h2 0.4.20 → 0.4.21");
    assert!(issue.body.contains("sweep h2 0.4.21") && issue.body.contains("it says No"), "{}", issue.body);

    let as_before =
        night(&[("0.4.0", "1.12.0", true), ("0.4.20", "1.12.0", true), ("0.4.21", "1.12.0", true)], &earlier);
    assert_eq!(as_before.new.iter().map(|group| group.findings.len()).sum::<usize>(), 0, "{}", summary(&as_before));

    let newer_hyper = night(&[("0.4.20", "1.13.0", true)], &earlier);
    assert_eq!(issues(&newer_hyper)[0].title, "A dependency has changed: hyper 1.12.0 → 1.13.0");
    let ours = night(&[("0.4.20", "1.12.0", true)], &earlier);
    assert_eq!(ours.new[0].cause, Cause::OurCode);
    assert!(ours.gone.is_empty(), "0.4.0 was not swept");
    let older = night(&[("0.4.9", "1.12.0", true)], &earlier);
    assert!(older.is_quiet() && older.recorded == 1, "an old release that was swept for the first time");
}
