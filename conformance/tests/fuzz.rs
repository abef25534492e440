//! What the fuzz targets do: every byte string is taken, mutations stay scripts and reach everything, and what is found
//! explains itself.

mod wrong;

use conformance::{
    fuzz::{TARGETS, check_with, crossed, mutated},
    generators::{Sequence, mutate, splice},
    http2::{ErrorCode, Frame, FrameType, StreamId},
    script::{Script, Step},
    stacks::drive::record_stack_panics,
};
use proptest::{collection::vec, prelude::any, prop_assert, proptest};
use std::{collections::BTreeSet, mem::discriminant};
use wrong::{CrossedH2, legacy_reader};

proptest! {
    #[test]
    fn every_target_takes_every_byte_string(bytes in vec(any::<u8>(), 0..200)) {
        record_stack_panics();
        for target in TARGETS {
            let found = (target.check)(&bytes);
            prop_assert!(found.is_ok(), "{}: {}", target.name, found.unwrap_err());
        }
    }
}

#[test]
fn seeds_break_nothing() {
    record_stack_panics();
    for target in TARGETS {
        let seeds = (target.seeds)();
        assert!(seeds.len() > 50, "{} has only {} seeds", target.name, seeds.len());
        let names: BTreeSet<&str> = seeds.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names.len(), seeds.len(), "two seeds of {} have one name", target.name);
        for (name, bytes) in &seeds {
            if let Err(finding) = (target.check)(bytes) {
                panic!("{}/{name}: {finding}", target.name);
            }
        }
    }
}

#[test]
fn a_finding_explains_itself_and_names_both_commands() {
    record_stack_panics();
    let goaway = Frame::goaway(StreamId::CONNECTION, ErrorCode::NO_ERROR, b"");
    let bytes = Script::answering([goaway]).encode();
    let crossed = check_with(legacy_reader(&CrossedH2), &bytes).expect_err("it is wrong on purpose").to_string();
    for said in [
        "the legacy reader missed the type of link 1",
        "Nothing explains this.",
        "RFC 9113 §6.8",
        "cargo run --release -- explain hex:",
        "cargo run --release -- minimize hex:",
    ] {
        assert!(crossed.contains(said), "it does not say {said:?}: {crossed}");
    }
}

#[test]
fn a_mutation_is_a_script_near_by_and_the_same_for_the_same_seed() {
    let mut changed = 0;
    for (seed, script) in Sequence::of_scripts(2, 0).take(500).enumerate() {
        let once = mutate(&script, seed as u64);
        assert_eq!(once, mutate(&script, seed as u64));
        assert_eq!(Script::decode(once.encode()), once);
        changed += usize::from(once != script);
        let kept = once.steps().iter().filter(|step| script.steps().contains(step)).count();
        assert!(kept + 8 >= script.steps().len(), "hardly a step is left: {}", once.to_toml());
    }
    assert!(changed > 450, "{changed} of 500 mutations change anything");
}

#[test]
fn mutations_alone_reach_every_step_type_and_code() {
    let mut script = Script::answering([]);
    let (mut steps, mut kinds, mut codes, mut lies) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), 0);
    for seed in 0..20_000 {
        script = mutate(&script, seed);
        if script.steps().len() > 30 {
            script = Script::answering([]);
        }
        for step in script.steps() {
            steps.insert(format!("{:?}", discriminant(step)));
            let Step::Send(frame) = step else { continue };
            kinds.insert(frame.kind);
            lies += usize::from(frame.length.is_some());
            if frame.kind == FrameType::RST_STREAM && frame.payload.len() == 4 {
                codes.insert(frame.payload[3]);
            }
        }
    }
    assert_eq!(steps.len(), 9);
    assert!(kinds.len() >= 12, "{kinds:?}");
    assert!((0..14).all(|code| codes.contains(&code)), "{codes:?}");
    assert!(lies > 100);
}

#[test]
fn a_splice_is_the_beginning_of_one_script_and_the_end_of_another() {
    let scripts: Vec<Script> = Sequence::of_scripts(3, 0).take(200).collect();
    for (seed, pair) in scripts.windows(2).enumerate() {
        let spliced = splice(&pair[0], &pair[1], (seed as u64).wrapping_mul(0x1_0000_0001));
        let from = |script: &Script, step: &Step| script.steps().contains(step);
        let begins = spliced.steps().iter().take_while(|step| from(&pair[0], step)).count();
        // A script without a request is given one.
        let rest = &spliced.steps()[begins..];
        assert!(rest.iter().all(|step| from(&pair[1], step) || matches!(step, Step::Request(_))));
    }
}

#[test]
fn mutated_bytes_are_not_longer_than_they_may_be() {
    let bytes = Script::answering([Frame::response(StreamId::FIRST, 200)]).encode();
    for seed in 0..1_000 {
        for longest in [0, 40, 4_096] {
            assert!(mutated(&bytes, longest, seed).is_none_or(|bytes| bytes.len() <= longest));
            assert!(crossed(&bytes, &bytes, longest, seed).is_none_or(|bytes| bytes.len() <= longest));
        }
    }
    assert!((0..1_000).any(|seed| mutated(&bytes, 4_096, seed).is_some_and(|other| other != bytes)));
}
