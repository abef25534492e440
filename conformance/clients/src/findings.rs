//! What the clients get wrong that the stack under them gets right: their faults and broken promises.

use conformance::ledger::Harm;

/// A fault of a client, beside those of its stack, which are in the ledger.
#[derive(Clone, Copy, Debug)]
pub struct ClientFinding {
    /// Its name.
    pub name: &'static str,
    /// The crate with the fault.
    pub project: &'static str,
    /// The versions that were run.
    pub versions: &'static str,
    /// What it does to an application.
    pub harm: Harm,
    /// The clause, or the client's own promise, quoted.
    pub rfc: &'static str,
    /// The releases that have it.
    pub changed: &'static str,
    /// The public issue or change that reports it; `None` if none was found.
    pub reported: Option<&'static str>,
    /// Its effect on an application.
    pub effect: &'static str,
    /// What an application can do until it is fixed.
    pub meanwhile: &'static str,
    /// The clients of the stand that have it, by name; none if it needs a setting.
    pub clients: &'static [&'static str],
    /// A scenario that shows it.
    pub scenario: &'static str,
}

/// Every finding of the clients. The tests `aws`, `shipped` and `settings` see each of them.
pub const CLIENT_FINDINGS: &[&ClientFinding] =
    &[&AWS_SENDS_A_POST_AGAIN, &REQWEST_RETRIES_FOR_OTHER_HOSTS, &REQWEST_AFTER_NO_ERROR_ONLY, &TONIC_GOAWAY];

const AWS_SENDS_A_POST_AGAIN: ClientFinding = ClientFinding {
    name: "aws-sends-a-post-again",
    project: "aws-smithy-runtime",
    versions: "1",
    harm: Harm::RunTwice,
    rfc: "RFC 9110 §9.2.2: \"A client SHOULD NOT automatically retry a request with a non-idempotent method unless it \
          has some means to know that the request semantics are actually idempotent, regardless of the method, or some \
          means to detect that the original request was never applied.\"",
    changed: "The release that was run.",
    reported: None,
    effect: "If a connection ends before the response, the standard retry strategy sends a POST again that the server \
             may have acted on.",
    meanwhile: "Give operations that must not run twice an idempotency token, or switch retries off for them.",
    clients: &["aws legacy, retrying", "aws modern, retrying", "aws pool, retrying"],
    scenario: "lost-on-the-second-connection",
};

/// A policy that sends a request for another host again once.
pub const REQWEST_RETRIES_FOR_OTHER_HOSTS: ClientFinding = ClientFinding {
    name: "reqwest-retries-for-other-hosts",
    project: "reqwest",
    versions: "0.12 and 0.13",
    harm: Harm::RunTwice,
    rfc: "reqwest's documentation of `retry`: \"A client's retry policy is scoped. That means that the policy doesn't \
          apply to all requests, but only those within a user-defined scope.\"",
    changed: "Every release that was run.",
    reported: None,
    effect: "A request to a host that the policy is not for is sent again once, if the classifier of the policy says so: \
             the host is looked at only before the second repetition.",
    meanwhile: "Let the classifier look at the host too, in the URI of the attempt.",
    clients: &[],
    scenario: "eof-before-the-head",
};

const REQWEST_AFTER_NO_ERROR_ONLY: ClientFinding = ClientFinding {
    name: "reqwest-retries-after-no-error-only",
    project: "reqwest",
    versions: "0.11, 0.12 and 0.13",
    harm: Harm::Failure,
    rfc: "§8.7: \"Requests that have not been processed have not failed; clients MAY automatically retry them, even \
          those with non-idempotent methods.\" reqwest promises to retry what the peer has refused.",
    changed: "Every release that was run.",
    reported: Some("hyperium/hyper#4052 is related: no way to ask for the reason of a GOAWAY"),
    effect: "A request above the last_stream_id of a GOAWAY fails if the code is not NO_ERROR, although it was not \
             processed.",
    meanwhile: "Send the request again yourself; after ENHANCE_YOUR_CALM, pause first.",
    clients: &["reqwest 0.11", "reqwest 0.12", "reqwest 0.13"],
    scenario: "goaway-internal-error-below-our-stream",
};

const TONIC_GOAWAY: ClientFinding = ClientFinding {
    name: "tonic-goaway-is-not-unavailable",
    project: "tonic",
    versions: "0.12 and 0.14",
    harm: Harm::Failure,
    rfc: "gRPC's PROTOCOL-HTTP2.md on GOAWAY: \"Clients should consider any stream initiated after the last \
          successfully accepted stream as UNAVAILABLE and retry the call elsewhere\".",
    changed: "Every release that was run: 0.12 without its feature `server` says Unknown, 0.14 with it says Internal.",
    reported: Some("hyperium/hyper#4052 is related: no way to ask for the reason of a GOAWAY"),
    effect: "A call that a GOAWAY has turned away ends with a code after which nobody retries it.",
    meanwhile: "Look for an h2::Error in the sources of the status: a GOAWAY of the peer with NO_ERROR may be retried.",
    clients: &["tonic 0.12", "tonic 0.14"],
    scenario: "goaway-below-our-stream",
};
