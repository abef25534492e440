//! A run in parts is the same run.

use conformance::{
    oracles::Law,
    report::{
        BrokenErrorChain, BrokenTransformation, Case, Found, Run,
        shards::{NotOneRun, Shard},
    },
    run::{self, RunConfig},
    scenarios,
    stacks::Profile,
    vocabulary::StackName,
};

/// A small run, or this part of it.
fn played(shard: Shard) -> Run {
    let corpus = ["goaway", "reset", "data"].map(|name| (name.to_owned(), name.as_bytes().to_vec()));
    let config = RunConfig {
        scenarios: scenarios::built_in().expect("the suite's own scenarios are valid"),
        corpus: corpus.into(),
        cases: 4_321,
        error_chains: 2_345,
        seed: 3,
        profile: Profile::Equal,
        shard,
    };
    run::run(&config, &())
}

fn shard(number: u64, of: u64) -> Run {
    Run { shard: Shard { number, of }, ..Run::default() }
}

#[test]
fn the_shards_of_a_run_make_up_the_whole_count_for_count() {
    let of = 4;
    let shards: Vec<Run> = (1..=of).rev().map(|number| played(Shard { number, of })).collect();
    assert!(shards.iter().all(|shard| shard.generated > 500 && !shard.has_to_cover() && shard.is_clean()));
    let (merged, whole) = (Run::merged(shards).expect("they are all its shards"), played(Shard::WHOLE));
    assert_eq!(merged, whole);
    assert_eq!((whole.generated, whole.error_chains, whole.corpus), (4_321, 2_345, 3));
}

#[test]
fn what_several_shards_find_is_one_finding_with_the_smallest_case() {
    let chain = |law, error_chains, smallest: &str| BrokenErrorChain {
        error_chains,
        smallest: smallest.into(),
        stack: StackName::Modern,
        law,
        message: String::new(),
        replay: String::new(),
    };
    let changed = |message: &str, scripts, before: &str| BrokenTransformation {
        change: "pieces".into(),
        rfc: String::new(),
        scripts,
        message: message.into(),
        before: before.into(),
        after: String::new(),
    };
    let found = |fingerprint: &str, cases, script: &str| {
        Found::new(cases, fingerprint.to_owned().into(), Case { script: script.into(), ..Case::default() })
    };
    let first = Run {
        violations: vec![found("a", 3, "longer"), found("b", 1, "tiny")],
        broken_error_chains: vec![chain(Law::Safety, 2, "in a wrapping")],
        broken_transformations: vec![changed("one", 1, "long"), changed("other", 1, "x")],
        ..shard(1, 2)
    };
    let second = Run {
        violations: vec![found("a", 4, "small")],
        broken_error_chains: vec![chain(Law::Safety, 5, "bare"), chain(Law::Agreement, 1, "bare")],
        broken_transformations: vec![changed("one", 7, "x")],
        ..shard(2, 2)
    };
    let merged = Run::merged(vec![second, first]).expect("they are all its shards");
    assert_eq!(merged.violations, [found("b", 1, "tiny"), found("a", 7, "small")]);
    assert_eq!(merged.broken_error_chains, [chain(Law::Agreement, 1, "bare"), chain(Law::Safety, 7, "bare")]);
    assert_eq!(merged.broken_transformations, [changed("one", 8, "x"), changed("other", 1, "x")]);
    assert!(!merged.is_clean());
}

#[test]
fn what_is_not_one_whole_run_is_refused() {
    let refused = |shards: Vec<Run>| Run::merged(shards).expect_err("it is not one run").to_string();
    assert_eq!(Run::merged(Vec::new()), Err(NotOneRun::Nothing));
    assert_eq!(Run::merged(vec![Run::default()]), Err(NotOneRun::Whole));
    assert_eq!(refused(vec![shard(1, 4), shard(3, 4)]), "of 4 shards, these are missing: 2, 4");
    assert_eq!(refused(vec![shard(1, 2), shard(2, 2), shard(2, 2)]), "shard 2/2 is there twice");
    assert_eq!(refused(vec![shard(1, 2), shard(2, 3)]), "the shards are of different runs: 1/2 and 2/3");
    let other = Run { seed: 5, ..shard(2, 2) };
    assert_eq!(refused(vec![shard(1, 2), other]), "shard 1/2 and shard 2/2 were run with different generated scripts");
}

#[test]
fn a_shard_is_a_number_of_many() {
    assert_eq!("2/4".parse(), Ok(Shard { number: 2, of: 4 }));
    for text in ["", "1", "0/4", "5/4", "1/0", "a/b", "1/4/2", "-1/4"] {
        assert!(text.parse::<Shard>().is_err(), "{text}");
    }
}
