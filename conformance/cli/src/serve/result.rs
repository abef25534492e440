//! What became of the clients, as it is written to JSON and read back.

use super::table;
use conformance::{check::ClientResult, report::baseline::ClientChange};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, iter};

/// What became of the clients.
#[derive(Debug, Serialize, Deserialize)]
pub struct Served {
    pub(super) schema: u32,
    /// Each client.
    pub clients: Vec<ServedClient>,
    /// The clients that could not be checked.
    pub unchecked: Vec<Unchecked>,
    /// What is new since an earlier result.
    pub baseline: Option<ServedDiff>,
    /// What changed from each version of the client to the next, if several were asked for.
    #[serde(default)]
    pub changes: Vec<ServedChange>,
}

/// A client that could not be checked.
#[derive(Debug, Serialize, Deserialize)]
pub struct Unchecked {
    /// What it was called on the command line.
    pub command: String,
    /// Why.
    pub why: String,
}

/// What became of a client.
#[derive(Debug, Serialize, Deserialize)]
pub struct ServedClient {
    /// What it was called on the command line.
    pub command: String,
    /// The result of its check.
    #[serde(flatten)]
    pub result: ClientResult,
}

/// What is new since an earlier result.
#[derive(Debug, Serialize, Deserialize)]
pub struct ServedDiff {
    /// The mistakes that it did not have.
    pub wrong: Vec<ClientChange>,
    /// The mistakes that only it had.
    pub fixed: Vec<ClientChange>,
}

/// What changed between two versions of a client that were checked one after the other.
#[derive(Debug, Serialize, Deserialize)]
pub struct ServedChange {
    /// The client in the earlier version, as [`ServedClient::command`] has it.
    pub before: String,
    /// The client in the later version.
    pub after: String,
    /// What the later version has or lacks.
    pub diff: ServedDiff,
}

impl ServedDiff {
    /// What is new in the clients that both results have.
    pub(super) fn between(before: &Served, now: &Served) -> ServedDiff {
        let mut all = ServedDiff { wrong: Vec::new(), fixed: Vec::new() };
        for client in &now.clients {
            let Some(before) = before.clients.iter().find(|before| before.command == client.command) else { continue };
            let ServedDiff { wrong, fixed } = ServedDiff::of(before, client);
            all.wrong.extend(wrong);
            all.fixed.extend(fixed);
        }
        all
    }

    /// What is new in a client since an earlier result. What is a race here or there is left out.
    fn of(before: &ServedClient, now: &ServedClient) -> ServedDiff {
        let (was, is) = (before.mistakes(&now.command), now.mistakes(&now.command));
        let only = |these: &BTreeMap<ClientChange, bool>, others: &BTreeMap<ClientChange, bool>| {
            let certain = these.iter().filter(|(change, is_race)| !**is_race && !others.contains_key(change));
            certain.map(|(change, _)| change.clone()).collect()
        };
        ServedDiff { wrong: only(&is, &was), fixed: only(&was, &is) }
    }
}

impl ServedClient {
    /// Its mistakes under this name, and whether each is a race.
    fn mistakes(&self, name: &str) -> BTreeMap<ClientChange, bool> {
        let mut mistakes = BTreeMap::new();
        for scenario in &self.result.scenarios {
            for seen in &scenario.mistakes {
                let what = format!("{}, {}", seen.mistake.kind, seen.played);
                let change = ClientChange { client: name.to_owned(), scenario: scenario.scenario.clone(), what };
                *mistakes.entry(change).or_insert(true) &= seen.is_race();
            }
        }
        mistakes
    }
}

impl Served {
    /// The exit status: 0 if nothing is wrong with the clients, 1 if something is, 2 if one could not be checked.
    pub fn status(&self) -> u8 {
        match self.clients.iter().all(|client| client.result.passes()) {
            _ if !self.unchecked.is_empty() => 2,
            passes => u8::from(!passes),
        }
    }

    /// The result in words, at most this wide.
    pub fn text(&self, width: usize) -> String {
        table::text(self, width)
    }

    /// What changed from each client to the next, in the order in which they were checked.
    pub(super) fn changes(&self) -> Vec<ServedChange> {
        let pairs = iter::zip(&self.clients, self.clients.iter().skip(1));
        let change = |(before, after): (&ServedClient, &ServedClient)| {
            let diff = ServedDiff::of(before, after);
            ServedChange { before: before.command.clone(), after: after.command.clone(), diff }
        };
        pairs.map(change).collect()
    }
}
