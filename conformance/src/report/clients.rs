//! The outcome of the scenarios with third-party clients.

use crate::{chain::Chain, client_driver::LogLine, oracles::clients::Mistake, script::Method};
use serde::{Deserialize, Serialize};

/// The outcome of the scenarios with one client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientReport {
    /// Its name.
    pub name: String,
    /// What it is, in one sentence.
    pub about: String,
    /// The crate that it comes from, with its version.
    pub version: String,
    /// Whether it promises to send requests again by itself.
    pub retries: bool,
    /// Each scenario.
    pub scenarios: Vec<ClientScenario>,
}

/// The outcome of one scenario with one client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientScenario {
    /// The name of the scenario.
    pub name: String,
    /// The number of its steps that cannot be played to this client. If it is not 0, the scenario is not judged.
    pub unplayable: usize,
    /// The number of connections that the client opened.
    pub connections: usize,
    /// Each request.
    pub requests: Vec<ClientRequest>,
    /// The exchange on the connections of the script, one line per event, as in a [case](super::SideReport::timeline).
    pub timeline: Vec<String>,
    /// What the client did wrong.
    pub mistakes: Vec<Mistake>,
    /// What the client logged: warnings and errors, and its debug messages about attempts.
    pub logged: Vec<LogLine>,
}

/// How one request ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientRequest {
    /// Its method.
    pub method: Method,
    /// How it ended for the application.
    pub ended: Ended,
    /// What the client calls the error, if there was one before any response.
    pub label: Option<String>,
    /// The error as it was read by type.
    pub chain: Option<Chain>,
    /// The status of the response.
    pub status: Option<u16>,
    /// The number of times that the peer of the script, on the first connection, received it.
    pub on_first_connection: usize,
    /// The number of times that it was sent on a later connection.
    pub on_later_connections: usize,
    /// The virtual time until its end, in milliseconds; none if it did not end.
    pub took_ms: Option<u64>,
    /// Whether the peer may have executed it more than once.
    pub may_have_run_twice: bool,
    /// Whether its method is not idempotent (RFC 9110 §9.2.2).
    pub has_side_effect: bool,
}

/// How a request ended for the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// With a response.
    Response,
    /// With a response that is handed over as complete, but is not.
    Truncated,
    /// With an error after the head of the response.
    BodyError,
    /// With an error.
    Error,
    /// Its application cancelled it before.
    Cancelled,
    /// It did not end.
    Open,
}

/// The outcome of the runs in addition to the plain scenarios.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtraRuns {
    /// The scenarios with settings of the application: one report for each client and setting.
    pub settings: Vec<ClientReport>,
    /// The connect failures.
    pub connect_failures: Vec<ConnectFailureReport>,
    /// One GOAWAY that disowns many requests.
    pub bursts: Vec<Burst>,
}

/// How a client reports a connect failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectFailureReport {
    /// The failure, in a few words.
    pub connect_failure: String,
    /// The client.
    pub client: String,
    /// What it calls the error; none if it got a response.
    pub label: Option<String>,
    /// The virtual time until the application received the error, in milliseconds.
    pub took_ms: Option<u64>,
}

/// One GOAWAY that disowns many requests of one service at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Burst {
    /// The client.
    pub client: String,
    /// The number of requests.
    pub requests: usize,
    /// The number of them that reached the application as errors.
    pub errors: usize,
}

impl ClientReport {
    /// The number of scenarios that `of` holds for.
    pub fn number(&self, of: impl Fn(&ClientScenario) -> bool) -> usize {
        self.scenarios.iter().filter(|scenario| of(scenario)).count()
    }

    /// The number of requests that `of` holds for, of the scenarios that were played in full.
    pub fn requests(&self, of: impl Fn(&ClientRequest) -> bool) -> usize {
        let played = self.scenarios.iter().filter(|scenario| scenario.unplayable == 0);
        played.flat_map(|scenario| &scenario.requests).filter(|request| of(request)).count()
    }
}

impl ClientScenario {
    /// Whether the client makes a mistake that is its own, and more than a choice.
    pub fn is_wrong_itself(&self) -> bool {
        self.mistakes.iter().any(Mistake::counts)
    }

    /// Whether it makes one that the bare stack under it makes too, and none of its own.
    pub fn is_wrong_as_its_stack(&self) -> bool {
        !self.is_wrong_itself() && self.mistakes.iter().any(|mistake| mistake.of_its_stack)
    }
}
