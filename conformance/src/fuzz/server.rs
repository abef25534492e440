//! What a client sends, byte for byte, to the servers of both stacks.

use super::{
    Finding, Guide, Held, Seed, Target,
    explained::{Explained, digest},
    of_scenarios,
};
use crate::{
    classifiers::Classifiers,
    report::server::{explain, shrink},
    script::Script,
    servers::{ClientBytes, ServerLaboratory},
    stacks::Profile,
    suite::{judge_servers, smallest_client},
    trial::Laboratory,
};

/// The target `server`.
pub const SERVER: Target = Target {
    name: "server",
    about: "The bytes are what a client sends before it closes. Both servers give the same responses and the same errors, \
            neither panics, and both come to their end.",
    check: |bytes| in_laboratory(|laboratory| check_servers(laboratory, bytes)),
    search: |bytes, guide| in_laboratory(|laboratory| search(laboratory, &ClientBytes::new(bytes), guide)),
    smallest: |bytes| {
        in_laboratory(|laboratory| check(laboratory, &smallest_client(laboratory, &ClientBytes::new(bytes))).err())
    },
    seeds,
};

fn in_laboratory<T>(work: impl FnOnce(&ServerLaboratory) -> T) -> T {
    thread_local! {
        static LABORATORY: ServerLaboratory = ServerLaboratory::new(Profile::Equal, Classifiers::OWN);
    }
    LABORATORY.with(work)
}

/// What [`SERVER`] does, with servers or readers that are wrong on purpose, perhaps.
pub fn check_servers(laboratory: &ServerLaboratory, bytes: &[u8]) -> Held {
    check(laboratory, &ClientBytes::new(bytes))
}

fn check(laboratory: &ServerLaboratory, sent: &ClientBytes) -> Held {
    let judgement = judge_servers(laboratory, sent);
    if !judgement.unexplained {
        return Ok(());
    }
    let like = judgement.like();
    let case = judgement.into_case("found", sent);
    let shrink = Some(shrink(sent, laboratory.profile()));
    Err(Box::new(Finding { like, explanation: explain(&case), replay: case.replay, shrink }))
}

/// The same as a fuzzer wants it: the ledger is asked less and less often for what it has always explained.
fn search(laboratory: &ServerLaboratory, sent: &ClientBytes, guide: &mut dyn Guide) -> Held {
    let trial = laboratory.run(&sent.script());
    if trial.fault().is_some() {
        return check(laboratory, sent);
    }
    // Most clients end here, and what has run of the suite until here is always the same.
    if trial.agrees() {
        return Ok(());
    }
    guide.played();
    let likeness = digest(&trial.likeness());
    guide.broken(likeness);
    if Explained::often(&[likeness], sent) {
        return Ok(());
    }
    check(laboratory, sent)?;
    Explained::once_more(&[likeness]);
    Ok(())
}

/// What the clients of both stacks send in the scenarios.
fn seeds() -> Vec<Seed> {
    let laboratory = Laboratory::new();
    let written = |script: &Script| laboratory.run(script).sides().map(|side| side.observation.record.written.to_vec());
    let [mut seeds, modern] = [0, 1].map(|side| of_scenarios(|script| Some(written(script)[side].to_vec())));
    for (name, bytes) in modern {
        if seeds.iter().all(|(_, other)| *other != bytes) {
            seeds.push((format!("{name}-modern"), bytes));
        }
    }
    seeds
}
