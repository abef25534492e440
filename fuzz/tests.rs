//! A mutation is always a valid script, and mutations reach every step, frame type and code.

use super::{crossed, mutate, mutated, splice};
use conformance::{
    generators::Sequence,
    http2::{Frame, FrameType, StreamId},
    script::{Script, Step},
};
use std::{collections::BTreeSet, mem::discriminant};

#[test]
fn a_mutation_is_a_similar_script_and_the_same_for_the_same_seed() {
    let mut changed = 0;
    for (seed, script) in Sequence::of_scripts(2, 0).take(500).enumerate() {
        let once = mutate(&script, seed as u64);
        assert_eq!(once, mutate(&script, seed as u64));
        assert_eq!(Script::decode(once.encode()), once);
        changed += usize::from(once != script);
        let kept = once.steps().iter().filter(|step| script.steps().contains(step)).count();
        assert!(kept + 8 >= script.steps().len(), "too few steps are kept: {}", once.to_toml());
    }
    assert!(changed > 450, "only {changed} of 500 mutations change the script");
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
    assert_eq!(steps.len(), 14);
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
        // A script without a request gets one.
        let mut steps = spliced.steps().iter().filter(|step| step.request().is_none()).peekable();
        while steps.next_if(|step| from(&pair[0], step)).is_some() {}
        assert!(steps.all(|step| from(&pair[1], step)));
    }
}

#[test]
fn mutated_bytes_stay_within_the_maximum_length() {
    let bytes = Script::answering([Frame::response(StreamId::FIRST, 200)]).encode();
    for seed in 0..1_000 {
        for longest in [0, 40, 4_096] {
            assert!(mutated(&bytes, longest, seed).is_none_or(|bytes| bytes.len() <= longest));
            assert!(crossed(&bytes, &bytes, longest, seed).is_none_or(|bytes| bytes.len() <= longest));
        }
    }
    assert!((0..1_000).any(|seed| mutated(&bytes, 4_096, seed).is_some_and(|other| other != bytes)));
}
