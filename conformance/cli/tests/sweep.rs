//! The sweep without its builds: ranges of versions, lists of releases, cargo's messages, kept outcomes, and the table.

use anstream::adapter::strip_str;
use conformance::{
    chain::{Chain, H2Link, HyperLink, Link, Origin, Scope},
    classifiers::{Advice, Verdict},
    http2::ErrorCode,
    outcome::Kind,
    report::play::{Play, PlayedRequest, RequestEnd},
    vocabulary::{Phase, Processed},
};
use conformance_cli::sweep::{
    Checkout, InvalidRange, Kept, LINES, Observed, Range, Refusal, Release, ReleaseStatus, Series, Sweep, SweepError,
    locked, releases, table,
};
use semver::Version;
use std::{fs, path::PathBuf};

fn range(text: &str) -> Range {
    text.parse().unwrap_or_else(|error: InvalidRange| panic!("{error}"))
}

fn version(text: &str) -> Version {
    Version::parse(text).expect("it is a version")
}

#[test]
fn a_range_includes_both_ends() {
    for (text, requirement, within, without) in [
        ("0.4.3", ">=0.4.3, <=0.4.3", "0.4.3", "0.4.4"),
        ("0.4", ">=0.4.0, <0.5.0", "0.4.20", "0.5.0"),
        ("0.4.x", ">=0.4.0, <0.5.0", "0.4.0", "0.3.99"),
        ("1", ">=1.0.0, <2.0.0", "1.12.0", "2.0.0"),
        ("0.4.5..0.4.9", ">=0.4.5, <=0.4.9", "0.4.9", "0.4.10"),
        ("0.4.5..", ">=0.4.5", "1.0.0", "0.4.4"),
        ("..0.14", ">=0.0.0, <0.15.0", "0.14.32", "0.15.0"),
        ("..", ">=0.0.0", "9.9.9", "0.4.0-alpha.1"),
    ] {
        let range = range(text);
        assert_eq!(range.to_string(), requirement, "{text}");
        assert!(range.contains(&version(within)), "{within} in {text}");
        assert!(!range.contains(&version(without)), "{without} not in {text}");
    }
}

#[test]
fn an_invalid_range_is_refused_with_the_reason() {
    for text in ["", "newest", "0.4.", "0.4.1.2", "0.4.x.y", "0.4.1...0.4.2", "v0.4", "0.4.99999999999999999999"] {
        let error = text.parse::<Range>().expect_err(text).to_string();
        assert!(error.contains("is no version"), "{text}: {error}");
    }
    let error = "0.4.9..0.4.5".parse::<Range>().expect_err("it is reversed");
    assert_eq!(error.to_string(), "0.4.9 comes after 0.4.5, so no version is in this range");
}

/// The answer of a registry with these releases; those with a `-` are yanked.
fn newest(shelf: &[&str], range: &Range) -> Result<Result<Version, Refusal>, SweepError> {
    let (yanked, published): (Vec<&str>, Vec<&str>) = shelf.iter().copied().partition(|text| text.starts_with('-'));
    let newest = published.into_iter().map(version).filter(|version| range.contains(version)).max();
    let is_yanked = yanked.into_iter().any(|text| range.contains(&version(&text[1..])));
    Ok(newest.ok_or(if is_yanked { Refusal::Yanked } else { Refusal::NoSuchVersion }))
}

fn shelved(shelf: &[&str], text: &str, line: &Range) -> Vec<String> {
    let Some(range) = range(text).intersection(line) else { return Vec::new() };
    let releases = releases(&range, |range| newest(shelf, range)).expect("every question has an answer");
    let told = releases.into_iter().map(|(version, status)| match status {
        None => version.to_string(),
        Some(ReleaseStatus::Yanked) => format!("{version} yanked"),
        Some(ReleaseStatus::NeverPublished) => format!("{version} never"),
        Some(status) => panic!("{version} cannot be {status:?}: nothing was built"),
    });
    told.collect()
}

#[test]
fn releases_are_listed_with_gaps_and_yanked_releases() {
    const SHELF: &[&str] = &["0.9.0", "1.0.0", "1.0.1", "1.0.3", "1.1.0", "-1.1.1", "1.3.0", "-1.3.1", "2.0.0"];
    let line = Range::of_major(1);
    assert_eq!(
        shelved(SHELF, "..", &line),
        ["1.0.0", "1.0.1", "1.0.2 never", "1.0.3", "1.1.0", "1.1.1 yanked", "1.3.0", "1.3.1 yanked"]
    );
    assert_eq!(shelved(SHELF, "1.0.2..1.1.0", &line), ["1.0.2 never", "1.0.3", "1.1.0"]);
    assert_eq!(shelved(SHELF, "1.1.1", &line), ["1.1.1 yanked"]);
    assert_eq!(shelved(SHELF, "1.3.1..", &line), ["1.3.1 yanked"]);
    assert!(shelved(SHELF, "1.7", &line).is_empty());
    assert!(shelved(SHELF, "0.9..", &Range::of_minor(0, 8)).is_empty());
}

#[test]
fn the_release_series_of_a_crate_do_not_overlap_and_each_stack_has_a_partner() {
    for (index, line) in LINES.iter().enumerate() {
        let is_a_stack = matches!(line.observed, Observed::Stack(_));
        assert_eq!(line.partner().is_some_and(|partner| partner.name != line.name), is_a_stack, "{line:?}");
        let after = LINES[index + 1..].iter().filter(|other| other.name == line.name);
        for other in after {
            assert!(line.versions.high < other.versions.low, "{line:?} before {other:?}");
        }
    }
}

#[test]
fn the_messages_of_cargo_are_understood() {
    let refused = |lines: &[&str]| Refusal::of(&lines.join("\n"));
    let requirement = "error: failed to select a version for the requirement `any = \"=1.4.1\"`";
    assert_eq!(refused(&["    Updating index", requirement, "  version 1.4.1 is yanked"]), Refusal::Yanked);
    let candidates = "candidate versions found which didn't match: 1.5.2, 1.5.1, 1.5.0, ...";
    assert_eq!(refused(&[requirement, candidates]), Refusal::NoSuchVersion);

    let features = "error: failed to select a version for `hyper`.";
    let why = "package `any` depends on `hyper` with feature `backports` but `hyper` does not have that feature.";
    assert!(
        matches!(refused(&[features, "", why]), Refusal::DoesNotBuild(error) if error.contains("feature `backports`"))
    );
    let met = "versions that meet the requirements `^0.14.25` are: 0.14.32, 0.14.31";
    let told = "error: failed to select a version for `hyper` that is `^0.14.25` and goes with the others";
    assert_eq!(refused(&[features, met]), Refusal::DoesNotBuild(told.into()));

    let compiler = "error[E0599]: no method named `is_library` found for reference `&h2::Error`";
    let lines = ["   Compiling any v0.0.0", compiler, "   --> x.rs:1:2", "error: could not compile `any` (lib)"];
    assert_eq!(refused(&lines), Refusal::DoesNotBuild(compiler.into()));

    let ended = ["error: could not compile `any` (lib)", "", "Caused by:", "  `rustc` (signal: 9, SIGKILL: kill)"];
    assert!(matches!(refused(&ended), Refusal::Other(_)));

    let network = ["error: failed to get `any`", "", "Caused by:", "  could not resolve host"];
    assert_eq!(refused(&network), Refusal::Other("error: failed to get `any`: could not resolve host".into()));
    assert!(matches!(refused(&[""]), Refusal::Other(_)));
}

#[test]
fn the_built_version_is_read_from_the_lock_file() {
    let lock = "version = 4\n[[package]]\nname = \"h2\"\nversion = \"0.3.27\"\n[[package]]\nname = \"h2\"\nversion = \"0.4.5\"\n";
    assert_eq!(locked(lock, "h2", &Range::of_minor(0, 4)), Some(version("0.4.5")));
    assert_eq!(locked(lock, "h2", &Range::of_minor(0, 3)), Some(version("0.3.27")));
    assert_eq!(locked(lock, "hyper", &Range::of_major(1)), None);
    assert_eq!(locked("no lock file", "h2", &Range::ALL), None);
}

#[test]
fn a_kept_outcome_counts_for_the_same_suite_only() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("kept");
    fs::create_dir_all(&folder).expect("the temporary folder can be written");
    let _ = fs::remove_file(folder.join(Kept::FILE));
    assert_eq!(Kept::read(&folder, 7), None);
    let status = ReleaseStatus::Played { scenarios: vec![play("one", vec![ended(Kind::Complete)])] };
    let kept = Kept { digest: 7, release: release("0.4.5", Some("1.2.0"), status) };
    kept.write(&folder).expect("the temporary folder can be written");
    assert_eq!(Kept::read(&folder, 7), Some(kept));
    assert_eq!(Kept::read(&folder, 8), None);
    // A file cut by an interruption is not taken for an outcome.
    fs::write(folder.join(Kept::FILE), "{\"digest\":7,").expect("the temporary folder can be written");
    assert_eq!(Kept::read(&folder, 7), None);
}

fn ended(kind: Kind) -> PlayedRequest {
    let failed = kind != Kind::Complete;
    let goaway = H2Link { scope: Scope::Connection, origin: Origin::Remote, reason: Some(ErrorCode::NO_ERROR) };
    let end = RequestEnd {
        phase: if failed { Phase::Head } else { Phase::Body },
        kind,
        status: (!failed).then_some(200),
        body_bytes: 0,
        trailers: None,
        chain: failed.then(|| Chain { links: vec![Link::Hyper(HyperLink::default()), Link::H2(goaway)], cut: false }),
        verdict: failed.then(|| Verdict { processed: Processed::No, advice: Advice::Retry, because: "so".into() }),
    };
    PlayedRequest { end, client: None }
}

fn play(name: &str, requests: Vec<PlayedRequest>) -> Play {
    let (sent, divergences, unexplained) = (Vec::new(), Vec::new(), Vec::new());
    Play { name: name.into(), requests, sent, panics: 0, differs: false, divergences, unexplained }
}

fn release(version: &str, partner: Option<&str>, status: ReleaseStatus) -> Release {
    Release { version: version.into(), partner: partner.map(Into::into), status }
}

/// A scenario whose outcome never changes, and a scenario whose second request, frames and explanation change.
fn played(kind: Kind, entry: Option<&str>, sent: &[&str], unexplained: &[&str]) -> ReleaseStatus {
    let mut changing = play("goaway-on-a-stream", vec![ended(Kind::Complete), ended(kind)]);
    changing.differs = kind != Kind::Complete;
    changing.divergences.extend(entry.map(Into::into));
    changing.sent = sent.iter().map(|frame| (*frame).into()).collect();
    changing.unexplained = unexplained.iter().map(|law| (*law).into()).collect();
    let mut same = play("always-the-same", vec![ended(Kind::Complete)]);
    same.divergences.push("missing-status".into());
    ReleaseStatus::Played { scenarios: vec![same, changing] }
}

fn line(releases: Vec<Release>) -> Series {
    Series { partner: Some("hyper".into()), observed: "the modern stack".into(), releases }
}

fn shown(lines: Vec<Series>) -> String {
    let shown = strip_str(&table(&Sweep { schema: 1, name: "h2".into(), interrupted: false, lines })).to_string();
    assert_eq!(shown.lines().find(|line| line.chars().count() > 100), None, "{shown}");
    shown
}

#[test]
fn the_table_shows_which_release_changed_what() {
    let unexplained =
        ["equivalence: request 1: it ended differently: legacy complete in its body, modern failed in its \
                        head with hyper > h2(remote GOAWAY NO_ERROR)"];
    let error = "error[E0599]: no method named `a_method_with_a_name_that_is_quite_long` found for struct `Builder` in \
                 the current scope";
    let shown = shown(vec![line(vec![
        release("0.4.0", Some("1.1.0"), played(Kind::Complete, None, &[], &[])),
        release("0.4.1", Some("1.1.0"), played(Kind::Complete, None, &[], &[])),
        release("0.4.2", None, ReleaseStatus::NeverPublished),
        release("0.4.3", None, ReleaseStatus::Yanked),
        release("0.4.4", Some("1.1.0"), ReleaseStatus::DoesNotBuild { error: error.into() }),
        release("0.4.5", Some("1.1.0"), ReleaseStatus::DoesNotRun { error: "signal: 6 (SIGABRT)".into() }),
        release("0.4.6", Some("1.2.0"), played(Kind::RemoteGoaway, None, &["GOAWAY NO_ERROR"], &unexplained)),
        release(
            "0.4.7",
            Some("1.2.0"),
            played(Kind::RemoteGoaway, Some("goaway-on-a-stream"), &["GOAWAY NO_ERROR"], &[]),
        ),
        release(
            "0.4.8",
            Some("1.2.0"),
            played(Kind::RemoteGoaway, Some("goaway-on-a-stream"), &["GOAWAY NO_ERROR"], &[]),
        ),
    ])]);
    let (tables, ledger) = shown.split_once("known divergence").expect("the output has the ledger");
    insta::with_settings!({ snapshot_path => "../../../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("sweep", tables);
    });
    let entry = |name: &str| ledger.lines().find(|line| line.starts_with(name)).map(|line| line.split_at(44).1);
    assert_eq!(entry("goaway-on-a-stream "), Some("from 0.4.7"));
    assert_eq!(entry("missing-status "), Some("none; both show it with all"));
    assert_eq!(entry("empty-data-flood "), Some("none"));
    assert!(shown.ends_with("1 with something unexplained of 5 releases\n"), "{shown}");
}

#[test]
fn a_single_release_is_not_compared() {
    let shown = shown(vec![line(vec![release("0.4.0", Some("1.1.0"), played(Kind::Complete, None, &[], &[]))])]);
    assert!(shown.starts_with("h2 0.4.0, with the newest hyper that goes with it, on the modern stack\n"), "{shown}");
    assert!(!shown.contains("Which release changed what"), "{shown}");
    assert!(shown.ends_with("All explained: 1 release\n"), "{shown}");
}

#[test]
fn a_checkout_belongs_to_the_release_series_of_its_version() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("h2-checkout");
    fs::create_dir_all(&folder).expect("the temporary folder can be written");
    let manifest = |version: &str| {
        fs::write(folder.join("Cargo.toml"), format!("[package]\nname = \"h2\"\nversion = \"{version}\"\n"))
            .expect("it can be written");
        Checkout::read("h2", &folder)
    };
    for (version, line) in [("0.3.28", "0.3.1"), ("0.4.21-rc.1", "0.4.1")] {
        let checkout = manifest(version).expect("it is a checkout of h2");
        let found = checkout.line("h2").expect("the line is known");
        assert!(found.versions.contains(&self::version(line)), "{version} is of the line of {line}");
    }
    assert!(manifest("0.5.0").expect("it is a checkout of h2").line("h2").is_none());
    assert!(
        Checkout::read("hyper", &folder).expect_err("it is of h2").to_string().contains("not the manifest of hyper")
    );
}

#[test]
fn a_checkout_that_cannot_be_played_is_not_clean_but_such_an_old_release_is() {
    let sweep = |version: &str, status: ReleaseStatus| {
        let releases = vec![release(version, None, status)];
        let line = Series { partner: None, observed: "the modern stack".into(), releases };
        Sweep { schema: 1, name: "h2".into(), interrupted: false, lines: vec![line] }
    };
    let ends_badly = [
        ReleaseStatus::DoesNotBuild { error: "error: no method".into() },
        ReleaseStatus::DoesNotRun { error: "it did not end within 300s".into() },
    ];
    for status in ends_badly {
        assert!(sweep("0.4.0", status.clone()).is_clean());
        let checkout = sweep(Release::CHECKOUT, status);
        assert!(!checkout.is_clean());
        let shown = strip_str(&table(&checkout)).to_string();
        assert!(shown.ends_with("\nNo release could be played\n"), "{shown}");
    }
    assert!(sweep(Release::CHECKOUT, ReleaseStatus::Played { scenarios: Vec::new() }).is_clean());
}

#[test]
fn an_interrupted_sweep_does_not_say_that_all_is_explained() {
    let played = release("0.4.0", None, ReleaseStatus::Played { scenarios: Vec::new() });
    for (releases, played) in [(Vec::new(), "0 releases"), (vec![played], "1 release")] {
        let line = Series { partner: None, observed: "the modern stack".into(), releases };
        let sweep = Sweep { schema: 1, name: "h2".into(), interrupted: true, lines: vec![line] };
        let shown = strip_str(&table(&sweep)).to_string();
        let last =
            format!("Interrupted after {played}, 0 with something unexplained: what was not played is not known");
        assert!(shown.ends_with(&format!("{last}\n")) && !shown.contains("All explained"), "{shown}");
    }
}
