//! What the clients that others wrote make of the scenarios: as values.

use crate::{client_driver::LogLine, oracles::Law};
use serde::Serialize;

/// What one client made of the scenarios.
#[derive(Debug, Serialize)]
pub struct ClientReport {
    /// Its name.
    pub name: &'static str,
    /// What it is, in one sentence.
    pub about: &'static str,
    /// The crate that it comes from, with its version.
    pub version: String,
    /// Whether it sends requests again of itself.
    pub retries: bool,
    /// Each scenario.
    pub scenarios: Vec<ClientScenario>,
}

/// What one client made of one scenario.
#[derive(Debug, Serialize)]
pub struct ClientScenario {
    /// The name of the scenario.
    pub name: String,
    /// How many of its steps cannot be played to this client; nothing of the scenario is judged then.
    pub unplayable: usize,
    /// How many connections the client opened.
    pub connections: usize,
    /// Each request.
    pub requests: Vec<ClientRequest>,
    /// What crossed the first connection, a line an event, as in a [case](super::SideReport::timeline).
    pub timeline: Vec<String>,
    /// What breaks a law.
    pub wrong: Vec<Wrong>,
    /// What the client logged: warnings and errors, and what it tells of its attempts for debugging.
    pub logged: Vec<LogLine>,
}

/// What became of one request.
#[derive(Debug, Serialize)]
pub struct ClientRequest {
    /// Its method.
    pub method: &'static str,
    /// How it ended for the application.
    pub ended: Ended,
    /// What the client calls the error, if there was one before any response.
    pub label: Option<String>,
    /// The error as it was read by type.
    pub chain: Option<String>,
    /// The status of the response.
    pub status: Option<u16>,
    /// How often the peer of the script got it.
    pub on_first_connection: usize,
    /// How often it went over a later connection.
    pub on_later_connections: usize,
    /// How much virtual time it took, in milliseconds; none if it did not end.
    pub took_ms: Option<u64>,
    /// Whether the peer may have executed it more than once.
    pub may_have_run_twice: bool,
    /// Whether that would have another effect than once, by its method (RFC 9110 §9.2.2).
    pub has_side_effect: bool,
}

/// How a request ended for the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// With a response.
    Response,
    /// With a response that is handed over as complete, and is not.
    Truncated,
    /// With an error after the head of the response.
    BodyError,
    /// With an error.
    Error,
    /// It did not.
    Open,
}

/// What a client does that a law calls wrong.
#[derive(Debug, Serialize)]
pub struct Wrong {
    /// The law.
    pub law: Law,
    /// The number of the request.
    pub request: usize,
    /// What is wrong.
    pub message: String,
    /// Whether the stack under it, bare and with its own settings, breaks the same law there.
    pub of_its_stack: bool,
}

/// Everything that is asked of the clients beside the scenarios as they are.
#[derive(Debug, Default, Serialize)]
pub struct ExtraRuns {
    /// The scenarios with a setting of the application: for each client, one report with each.
    pub settings: Vec<ClientReport>,
    /// What goes wrong before there is a connection.
    pub connect_failures: Vec<Met>,
    /// One GOAWAY that disowns many requests.
    pub bursts: Vec<Burst>,
}

/// A client that came into trouble before it had a connection.
#[derive(Debug, Serialize)]
pub struct Met {
    /// The trouble, in a few words.
    pub connect_failure: &'static str,
    /// The client.
    pub client: &'static str,
    /// What it calls the error; none if it got a response.
    pub label: Option<String>,
    /// How much virtual time passed before the application had it, in milliseconds.
    pub took_ms: Option<u64>,
}

/// One GOAWAY that disowns many requests of one service at once.
#[derive(Debug, Serialize)]
pub struct Burst {
    /// The client.
    pub client: &'static str,
    /// How many requests.
    pub requests: usize,
    /// How many of them reached the application as errors.
    pub errors: usize,
}

impl ClientReport {
    /// How many scenarios this holds of.
    pub fn number(&self, of: impl Fn(&ClientScenario) -> bool) -> usize {
        self.scenarios.iter().filter(|scenario| of(scenario)).count()
    }

    /// How many requests this holds of.
    pub fn requests(&self, of: impl Fn(&ClientRequest) -> bool) -> usize {
        self.scenarios.iter().flat_map(|scenario| &scenario.requests).filter(|request| of(request)).count()
    }
}

impl ClientScenario {
    /// Whether it breaks a law that the stack under it keeps.
    pub fn is_wrong_itself(&self) -> bool {
        self.wrong.iter().any(|wrong| !wrong.of_its_stack)
    }
}
