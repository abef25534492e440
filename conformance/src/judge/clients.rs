//! Judges whole clients.

use crate::{
    classifiers::OWN_CLASSIFIERS,
    client_driver::{Client, ClientDriver, ClientDriverError, ClientOutcome},
    comparison::Harness,
    ledger::Judged,
    oracles::{
        Violation,
        clients::{Mistake, judge, judge_storm},
    },
    outcome::Side,
    rfc9113::Model,
    script::Script,
    stacks::Profile,
};

/// Plays scripts to clients and judges them. The bare stacks, to which it compares them, run with their default settings,
/// as those of clients do.
pub struct ClientJudge {
    bare: Harness,
}

/// What became of a script for a client.
pub struct ClientJudgement {
    /// The outcome.
    pub played: ClientOutcome,
    /// What RFC 9113 says about the exchange on the first connection.
    pub model: Model,
    /// What the client did wrong.
    pub mistakes: Vec<Mistake>,
}

impl Default for ClientJudge {
    fn default() -> ClientJudge {
        ClientJudge { bare: Harness::with(Profile::Defaults, OWN_CLASSIFIERS) }
    }
}

impl ClientJudge {
    /// Plays a script to a client and judges it. If the client sends a request again, it plays the script once more and
    /// refuses every further attempt.
    ///
    /// # Errors
    ///
    /// Those of [`ClientDriver::play`].
    pub fn judge(&self, client: &dyn Client, script: &Script) -> Result<ClientJudgement, ClientDriverError> {
        let played = ClientDriver::HEALTHY.play(client, script)?;
        let model = Model::of(script, &played.observation.record);
        let mut mistakes = judge(client, script, &played, &model);
        if played.requests.iter().any(|request| request.attempts() > 1) {
            mistakes.extend(judge_storm(client, &ClientDriver::REFUSING.play(client, script)?));
        }
        if let Some(stack) = client.stack().filter(|_| !mistakes.is_empty()) {
            let bare = Side::violations(&self.bare.run(script));
            let alike = |bare: &Violation, mistake: &Mistake| {
                (bare.law, bare.stack, bare.request) == (mistake.law, Some(stack), mistake.request)
            };
            for mistake in &mut mistakes {
                mistake.of_its_stack = bare.iter().any(|bare| alike(bare, mistake));
            }
        }
        Ok(ClientJudgement { played, model, mistakes })
    }
}
