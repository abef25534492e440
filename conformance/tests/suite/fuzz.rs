//! The fuzz targets accept every byte string, and a finding explains itself.

use crate::wrong::{CrossedH2, legacy_reader};
use conformance::{
    fuzz::{TARGETS, check_with},
    http2::{ErrorCode, Frame, StreamId},
    script::Script,
    stacks::panics::record_stack_panics,
};
use proptest::{collection::vec, prelude::any, prop_assert, proptest};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

proptest! {
    #[test]
    fn every_target_accepts_every_byte_string(bytes in vec(any::<u8>(), 0..200)) {
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
        assert_eq!(names.len(), seeds.len(), "two seeds of {} have the same name", target.name);
        for (name, bytes) in &seeds {
            if let Err(finding) = (target.check)(bytes) {
                panic!("{}/{name}: {finding}", target.name);
            }
        }
    }
}

#[test]
fn the_files_of_error_chains_still_mean_what_their_names_say() {
    let chain = TARGETS.iter().find(|target| target.name == "chain").expect("there is such a target");
    let seeds: BTreeMap<_, _> = (chain.seeds)().into_iter().collect();
    let mut files = 0;
    for file in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../corpus/chain")).expect("it has a corpus") {
        let path = file.expect("the corpus can be listed").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(seed) = seeds.get(&name) else { continue };
        files += 1;
        assert_eq!(*seed, fs::read(path).expect("it can be read"), "{name}");
    }
    assert!(files > 20, "only {files} files are seeds");
}

#[test]
fn a_finding_explains_itself_and_names_both_commands() {
    record_stack_panics();
    let goaway = Frame::goaway(StreamId::CONNECTION, ErrorCode::NO_ERROR, b"");
    let script = Script::answering([goaway]);
    let crossed = check_with(legacy_reader(&CrossedH2), &script).expect_err("it is wrong on purpose").to_string();
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
