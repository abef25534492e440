//! The part of the suite that compares servers.

use crate::{
    ledger::Explanation,
    minimize::minimize,
    servers::{
        ClientBytes, Difference, ServerComparison, ServerHarness,
        ledger::{self, ServerDivergence},
    },
    stacks::Profile,
};
use std::mem::discriminant;

/// A client held against both servers.
pub struct ServerJudgement {
    /// The settings that the servers had.
    pub profile: Profile,
    /// What both servers made of it.
    pub comparison: ServerComparison,
    /// What differs.
    pub differences: Vec<Difference>,
    /// The entries of the ledger that explain what differs.
    pub divergences: Vec<&'static ServerDivergence>,
    /// Whether the servers differ with their own settings only, and not on equal ones.
    pub configuration: bool,
    /// Whether there is a fault, or a difference that nothing explains.
    pub unexplained: bool,
}

/// Plays a client against both servers, frame by frame, and holds what they make of it against each other.
pub fn judge_servers(harness: &ServerHarness, sent: &ClientBytes) -> ServerJudgement {
    let script = sent.frames();
    let comparison = harness.run(&script);
    let differences = comparison.differences();
    let mut divergences = Vec::new();
    let mut configuration = false;
    let mut unexplained = comparison.fault().is_some();
    if !unexplained && !differences.is_empty() {
        match ledger::explain(harness, &script, &comparison) {
            Explanation::Repaired(entries) => divergences = entries,
            Explanation::Unexplained if is_configuration(harness, sent) => configuration = true,
            Explanation::Unexplained => unexplained = true,
        }
    }
    let profile = harness.profile();
    ServerJudgement { profile, comparison, differences, divergences, configuration, unexplained }
}

/// Whether what differs with the servers' own settings does not differ, or is explained, on equal ones.
fn is_configuration(harness: &ServerHarness, sent: &ClientBytes) -> bool {
    harness.profile() == Profile::Defaults && !judge_servers(&harness.on(Profile::Equal), sent).unexplained
}

impl ServerJudgement {
    /// Whether nothing is wrong and nothing differs.
    pub fn agrees(&self) -> bool {
        self.differences.is_empty() && self.comparison.fault().is_none()
    }

    /// What is alike in all that differ so, in words; empty if they agree.
    pub fn like(&self) -> String {
        if let Some(fault) = self.comparison.fault() {
            return format!("servers: {}", fault);
        }
        let first = self.differences.first().map(Difference::fingerprint);
        first.map_or_else(String::new, |(what, sides)| {
            let sides = sides.iter().filter(|(_, side)| !side.is_empty());
            let sides: Vec<_> = sides.map(|(stack, side)| format!("{side} on {stack}")).collect();
            let colon = if sides.is_empty() { "" } else { ": " };
            format!("servers: {what} differ{colon}{}", sides.join(", "))
        })
    }
}

/// The least found that a client can send so that the servers still differ in the same way and the same entries of the
/// ledger explain it, or none; all of it if they agree.
pub fn smallest_client(harness: &ServerHarness, sent: &ClientBytes) -> ClientBytes {
    let broken = |sent: &ClientBytes| {
        let judgement = judge_servers(harness, sent);
        let fault = judgement.comparison.fault().map(|fault| (fault.stack, discriminant(&fault.fault)));
        let first = judgement.differences.first().map(Difference::fingerprint);
        let entries: Vec<&str> = judgement.divergences.iter().map(|entry| entry.name).collect();
        (!judgement.agrees()).then_some((fault, first, judgement.unexplained, entries))
    };
    let before = broken(sent);
    if before.is_none() {
        return sent.clone();
    }
    let smallest = minimize(&sent.frames(), |candidate| broken(&ClientBytes::of(candidate)) == before);
    ClientBytes::of(&smallest)
}
