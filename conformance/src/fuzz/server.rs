//! What a client sends, byte for byte, to the servers of both stacks.

use super::{
    Finding, Guide, Held, Seed, Target,
    explained::{Explained, digest},
    of_scenarios,
};
use crate::{
    classifiers::OWN_CLASSIFIERS,
    comparison::Harness,
    judge::{judge_servers, smallest_client},
    report::server::{explain, shrink},
    script::Script,
    servers::{ClientBytes, ServerHarness},
    stacks::Profile,
};

/// The target `server`.
pub const SERVER: Target = Target {
    name: "server",
    about: "The bytes are what a client sends before it closes. Both servers give the same responses and the same errors, \
            neither panics, and both come to their end.",
    check: |bytes| in_harness(|harness| check_servers(harness, bytes)),
    search: |bytes, guide| in_harness(|harness| search(harness, &ClientBytes::new(bytes), guide)),
    smallest: |bytes| in_harness(|harness| check(harness, &smallest_client(harness, &ClientBytes::new(bytes))).err()),
    seeds,
};

fn in_harness<T>(work: impl FnOnce(&ServerHarness) -> T) -> T {
    thread_local! {
        static HARNESS: ServerHarness = ServerHarness::new(Profile::Equal, OWN_CLASSIFIERS);
    }
    HARNESS.with(work)
}

/// What [`SERVER`] does, with servers or readers that are wrong on purpose, perhaps.
pub fn check_servers(harness: &ServerHarness, bytes: &[u8]) -> Held {
    check(harness, &ClientBytes::new(bytes))
}

fn check(harness: &ServerHarness, sent: &ClientBytes) -> Held {
    let judgement = judge_servers(harness, sent);
    if !judgement.unexplained {
        return Ok(());
    }
    let known_by = judgement.like().into();
    let case = judgement.into_case("found", sent);
    let shrink = Some(shrink(sent, harness.profile()));
    Err(Box::new(Finding { known_by, explanation: explain(&case), replay: case.replay, shrink }))
}

/// The same as a fuzzer wants it: the ledger is asked less and less often for what it has always explained.
fn search(harness: &ServerHarness, sent: &ClientBytes, guide: &mut dyn Guide) -> Held {
    let comparison = harness.run(&sent.script());
    if comparison.fault().is_some() {
        return check(harness, sent);
    }
    // Most clients end here, and what has run of the suite until here is always the same.
    if comparison.agrees() {
        return Ok(());
    }
    guide.played();
    let fingerprint = digest(&comparison.fingerprint());
    guide.broken(fingerprint);
    if Explained::often(&[fingerprint], sent) {
        return Ok(());
    }
    check(harness, sent)?;
    Explained::once_more(&[fingerprint]);
    Ok(())
}

/// What the clients of both stacks send in the scenarios.
fn seeds() -> Vec<Seed> {
    let harness = Harness::new();
    let written =
        |script: &Script| harness.run(script).sides.each().map(|side| side.observation.record.written.to_vec());
    let [mut seeds, modern] = [0, 1].map(|side| of_scenarios(|script| Some(written(script)[side].to_vec())));
    for (name, bytes) in modern {
        if seeds.iter().all(|(_, other)| *other != bytes) {
            seeds.push((format!("{name}-modern"), bytes));
        }
    }
    seeds
}
