//! Judges whole clients.

use crate::{
    classifiers::OWN_CLASSIFIERS,
    client_driver::{Client, ClientDriver, ClientDriverError, ClientInstance, ClientOutcome, Endpoint, answer, grpc},
    comparison::Harness,
    ledger::Judged,
    oracles::{
        Law, Violation,
        clients::{Mistake, MistakeKind, judge, judge_storm},
    },
    outcome::Side,
    rfc9113::Model,
    script::{Script, Step},
    stacks::{BoxError, Profile},
    vocabulary::StackName,
};
use std::slice;

/// Plays scripts to clients and judges them. The bare stacks, to which it compares them, run with their default settings,
/// as those of clients do.
pub struct ClientJudge {
    bare: Harness,
}

/// What became of a script for a client.
pub struct ClientJudgement {
    /// The script as it was played: for a gRPC client, in gRPC.
    pub script: Script,
    /// The outcome.
    pub played: ClientOutcome,
    /// What RFC 9113 says about the exchange on each connection of the script.
    pub models: Vec<Model>,
    /// What the client did wrong.
    pub mistakes: Vec<Mistake>,
}

impl Default for ClientJudge {
    fn default() -> ClientJudge {
        ClientJudge { bare: Harness::with(Profile::Defaults, OWN_CLASSIFIERS) }
    }
}

impl ClientJudge {
    /// Plays a script to a client and judges it. If the client sends a request again, it plays the script twice more: once
    /// every further attempt is refused, and once each further connection meets the same script, unless it names several.
    ///
    /// # Errors
    ///
    /// Those of [`ClientDriver::play`].
    pub fn judge(&self, client: &dyn Client, script: &Script) -> Result<ClientJudgement, ClientDriverError> {
        let script = if client.speaks_grpc() { grpc::in_grpc(script) } else { script.clone() };
        let mut played = ClientDriver::HEALTHY.play(client, &script)?;
        let mut models = played.models(&script);
        if client.speaks_grpc() {
            for (number, observed) in played.observation.requests.iter_mut().enumerate() {
                grpc::read(&mut models[played.requests[number].last_scripted()].truths[number], observed);
            }
        }
        for (number, received) in std::mem::take(&mut played.received) {
            let sent = &models[played.requests[number].last_scripted()].truths[number].response;
            let content = sent.content.iter().chain([&sent.begun]).flatten().copied().collect::<Vec<u8>>();
            let fields = sent.head.as_ref().map(|head| &*head.fields).unwrap_or_default();
            let observed = &mut played.observation.requests[number];
            received.complete(observed, fields, &content, answer(number).as_bytes());
        }
        let mut mistakes = judge(client, &script, &played, &models);
        if played.requests.iter().any(|request| request.attempts() > 1) {
            let refused = judge_storm(client, &ClientDriver::REFUSING.play(client, &script)?);
            if script.connections() == 1 {
                // One more than it may use.
                let connections = (client.promise().attempts() as u32 + 1).min(Step::MAX_CONNECTION);
                let again = ClientDriver::REPEATING.play(client, &script.again(connections))?;
                let is_new = |storm: &Mistake| !refused.iter().any(|known| known.request == storm.request);
                mistakes.extend(judge_storm(client, &again).into_iter().filter(is_new));
            }
            mistakes.extend(refused);
        }
        if let Some(stack) = client.stack().filter(|_| !mistakes.is_empty()) {
            let mut bare = self.bare.run(&script);
            let violations = Side::violations(&bare);
            let side = &mut bare.sides[stack];
            let observation = std::mem::take(&mut side.observation);
            let model = slice::from_ref(&side.model);
            let same = judge(&Bare(stack), &script, &ClientOutcome::of_bare(observation), model);
            for mistake in &mut mistakes {
                // Of a response that its stack takes for right, a gRPC client may hand over less.
                let is_less = client.speaks_grpc() && mistake.law == Law::Integrity;
                let alike = |bare: &Mistake| {
                    bare.request == mistake.request
                        && (bare.kind == mistake.kind || (is_less && bare.law == mistake.law))
                };
                let breaks = |bare: &Violation| {
                    (bare.law, bare.stack, bare.request) == (mistake.law, Some(stack), mistake.request)
                };
                // A bare stack sends nothing again, but its error may hide whether that is possible.
                mistake.of_its_stack = match mistake.kind {
                    MistakeKind::RunTwice | MistakeKind::NotRetried | MistakeKind::Mislabelled => {
                        violations.iter().any(breaks)
                    }
                    _ => same.iter().any(alike),
                };
            }
        }
        Ok(ClientJudgement { script, played, models, mistakes })
    }
}

/// A bare stack as a client. It has been played already.
struct Bare(StackName);

impl Client for Bare {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn stack(&self) -> Option<StackName> {
        Some(self.0)
    }

    fn instance(&self, _: &Endpoint) -> Result<Box<dyn ClientInstance>, BoxError> {
        Err("a bare stack is played by its own driver".into())
    }
}
