//! The laws over generated scripts and error chains, and the coverage of the generators.

use crate::determinism::under_play;
use conformance::{
    comparison::Harness,
    judge::judge,
    ledger,
    report::{Run, baseline::BaselineDiff, divergence_count::ChangedCount, shards::Shard},
    run::{self, RunConfig},
    scenarios,
    script::{Script, text::from_hex},
    stacks::{Profile, write_ahead},
};
use std::sync::LazyLock;

/// One run, shared by all tests of this file and by `determinism`.
pub(crate) static RUN: LazyLock<Run> = LazyLock::new(|| {
    write_ahead(under_play());
    let scenarios = scenarios::built_in().expect("the suite's own scenarios are valid");
    run::run(
        &RunConfig {
            scenarios,
            corpus: Vec::new(),
            cases: 100_000,
            error_chains: 50_000,
            seed: 2,
            profile: Profile::Equal,
            shard: Shard::WHOLE,
        },
        &(),
    )
});

/// All unexplained findings of the run.
fn unexplained(run: &Run) -> String {
    let findings =
        run.findings().into_iter().map(|found| format!("{}\n{}{}\n", found.id, found.rendered, found.replay));
    findings.collect()
}

#[test]
fn the_laws_hold_or_the_ledger_explains_why_not() {
    assert_eq!((RUN.generated, RUN.error_chains), (100_000, 50_000));
    assert!(RUN.is_clean(), "{}", unexplained(&RUN));
}

#[test]
fn the_run_meets_every_required_clause() {
    assert!(RUN.has_to_cover() && RUN.passes(), "{:#?}", RUN.missed().collect::<Vec<_>>());
}

#[test]
fn each_kind_of_outcome_has_between_a_thousandth_and_two_fifths_of_the_requests() {
    assert!(RUN.shares.len() >= 15, "only {} kinds of outcome are reached", RUN.shares.len());
    for share in &RUN.shares {
        let part = share.requests as f64 / RUN.requests as f64;
        assert!((0.001..=0.4).contains(&part), "{} / {}: {:.2} %", share.phase, share.kind, 100.0 * part);
    }
}

#[test]
fn every_situation_comes_about_in_a_thousandth_of_the_scripts() {
    for situation in &RUN.situations {
        assert!(situation.scripts >= 100, "only {} scripts bring about {}", situation.scripts, situation.about);
    }
}

#[test]
fn every_ledger_entry_is_still_triggered() {
    for met in &RUN.divergences {
        assert!(met.scripts > 0, "{} is stale: nothing triggers it any more", met.name);
    }
}

#[test]
fn every_ledger_entry_is_reproduced_by_its_scenario() {
    let scenarios: Vec<_> = RUN.themes.iter().flat_map(|theme| &theme.scenarios).collect();
    for entry in ledger::entries() {
        let scenario = scenarios.iter().find(|scenario| scenario.name == entry.scenario);
        let scenario = scenario.unwrap_or_else(|| panic!("{}: there is no scenario {}", entry.name, entry.scenario));
        assert!(
            scenario.divergences.iter().any(|by| by == entry.name),
            "{} does not show {}",
            entry.scenario,
            entry.name
        );
        for text in [entry.about, entry.rfc, entry.cause, entry.changed] {
            assert!(!text.is_empty(), "{} has an empty field", entry.name);
        }
    }
}

#[test]
fn an_entry_that_explains_more_scripts_than_before_is_reported_with_the_new_ones() {
    const NAME: &str = "illegal-promise-after-a-reset";
    let explained = |before: &Run| {
        let mut diff = BaselineDiff::between(before, &RUN);
        run::add_replays(&mut diff, &RUN);
        diff.explained
    };
    assert_eq!(explained(&RUN), []);
    let entry = |run: &Run| run.divergences.iter().find(|entry| entry.name == NAME).expect("it is counted").clone();
    let before = |take: usize, scripts: &str| {
        let mut before = RUN.clone();
        let entry = before.divergences.iter_mut().find(|entry| entry.name == NAME).expect("it is counted");
        entry.generated -= take as u64;
        entry.first_generated = entry.first_generated.iter().skip(take).copied().collect();
        before.scripts_digest = scripts.into();
        before
    };
    let after = entry(&RUN).generated;
    // The same scripts: one more is reported, with the command that shows it.
    let reported = explained(&before(1, &RUN.scripts_digest));
    let [ChangedCount { name, before: (then, _), after: (now, _), new, replay }] = &reported[..] else {
        panic!("{reported:?}")
    };
    assert_eq!((&**name, *then, *now, new.len(), replay.len()), (NAME, after - 1, after, 1, 1));
    let hex = replay[0].split("hex:").nth(1).expect("it is short");
    let script = Script::decode(from_hex(hex).expect("it is hexadecimal"));
    let judgement = judge(&Harness::new(), &script);
    assert!(judgement.divergences.iter().any(|entry| entry.name == NAME), "{}", script.to_toml());
    // An entry that the earlier run did not have explains only new scripts.
    let mut without = RUN.clone();
    without.divergences.retain(|entry| entry.name != NAME);
    let reported = explained(&without);
    assert!(matches!(&reported[..], [ChangedCount { new, .. }] if new.len() as u64 == after), "{reported:?}");
    // Other scripts: one more is chance, all of them are not.
    assert_eq!(explained(&before(1, "others")), []);
    let reported = explained(&before(after as usize, "others"));
    assert!(
        matches!(&reported[..], [ChangedCount { name, replay, .. }] if name == NAME && replay.is_empty()),
        "{reported:?}"
    );
}

#[test]
fn differences_between_default_settings_are_configuration() {
    let config = RunConfig {
        scenarios: Vec::new(),
        corpus: Vec::new(),
        cases: 5_000,
        error_chains: 0,
        seed: 3,
        profile: Profile::Defaults,
        shard: Shard::WHOLE,
    };
    let run = run::run(&config, &());
    assert!(run.is_clean(), "{}", unexplained(&run));
}
