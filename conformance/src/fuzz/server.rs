//! The bytes are what a client sends to the servers of both stacks.

use super::{Finding, Held, Seed, Target, check, of_scenarios, search};
use crate::{
    classifiers::OWN_CLASSIFIERS,
    comparison::Harness,
    judge::{Judgement, KnownBy, smallest},
    report::{
        layout::WIDTH,
        server::{command, explain},
    },
    script::Script,
    servers::{ClientBytes, ServerHarness, ServerSide},
    stacks::Profile,
};

/// The target `server`.
pub const SERVER: Target = Target {
    name: "server",
    about: "The bytes are what a client sends before it closes. Both servers give the same responses and the same \
            errors, both keep the rules for what they send, neither panics, and both end.",
    check: |bytes| in_harness(|harness| check_servers(harness, bytes)),
    search: |bytes, guide| in_harness(|harness| search(harness, &ClientBytes::new(bytes).script(), finding, guide)),
    smallest: |bytes| {
        in_harness(|harness| {
            check(harness, &smallest(harness, &ClientBytes::new(bytes).frames()).script, finding).err()
        })
    },
    seeds,
};

fn in_harness<T>(work: impl FnOnce(&ServerHarness) -> T) -> T {
    thread_local! {
        static HARNESS: ServerHarness = ServerHarness::servers(Profile::Equal, OWN_CLASSIFIERS);
    }
    HARNESS.with(work)
}

/// Does what [`SERVER`] does, with the servers and readers of this harness.
pub fn check_servers(harness: &ServerHarness, bytes: &[u8]) -> Held {
    check(harness, &ClientBytes::new(bytes).frames(), finding)
}

fn finding(known_by: KnownBy, judgement: Judgement<ServerSide>, script: &Script) -> Finding {
    let sent = ClientBytes::of(script);
    let shrink = Some(command("minimize", &sent, judgement.profile));
    let case = judgement.into_client_case("found", &sent);
    Finding { known_by, explanation: explain(&case, WIDTH), replay: case.replay, shrink }
}

/// The bytes that the clients of both stacks send in the scenarios.
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
