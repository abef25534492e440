//! The settings: what an application may set, and what that is for.

use crate::layers::{Decides, Instance, again, within};
use conformance::client_driver::{Client, Endpoint};
use conformance_clients::{
    Shipped,
    aws::{AWS_LEGACY, AWS_MODERN, Setting},
    hyper::{HYPER_0_14, HYPER_UTIL, hyper_0_14, hyper_util},
    reqwest::{REQWEST_0_12, REQWEST_0_13, reqwest_0_12, reqwest_0_13},
    tonic::{TONIC_0_12, TONIC_0_14, tonic_0_12, tonic_0_14},
};
use std::time::Duration;

/// The function that the page shows, with each h2.
mod legacy {
    use h2_03 as h2;
    include!("turned_away.rs");
    pub(super) const IS_TURNED_AWAY: super::Decides = is_turned_away;
}
mod modern {
    use h2_04 as h2;
    include!("turned_away.rs");
    pub(super) const IS_TURNED_AWAY: super::Decides = is_turned_away;
}

/// Two versions of a client, and what they do with each setting.
pub(crate) struct Table {
    pub(crate) versions: [&'static str; 2],
    pub(crate) shipped: Versions,
    pub(crate) rows: Vec<Row>,
}

/// Each version of a client with a setting; none if it has no such setting.
pub(crate) type Versions = [Option<Box<dyn Client>>; 2];

pub(crate) struct Row {
    pub(crate) set: &'static str,
    pub(crate) versions: Versions,
    pub(crate) purpose: &'static str,
    /// The only scenario that is compared, for a setting with which other requests share a connection than a script says.
    pub(crate) only: Option<&'static str>,
}

/// A request waits for a slot, and the connection goes away.
const WAITS: &str = "goaway-while-a-request-waits-for-a-slot";

fn row(set: &'static str, versions: Versions, purpose: &'static str) -> Row {
    Row { set, versions, purpose, only: None }
}

fn shipped(client: Shipped, instance: fn(&Endpoint) -> Instance) -> Option<Box<dyn Client>> {
    Some(Box::new(Shipped { instance, ..client }))
}

const TIMEOUT: Duration = Duration::from_secs(10);
const READ_TIMEOUT: Duration = Duration::from_secs(5);
const INTERVAL: Duration = Duration::from_secs(30);
const ACKNOWLEDGED: Duration = Duration::from_secs(10);

const KEEP_ALIVE: &str =
    "For connections that die without a word. A slow peer that acknowledges PINGs keeps its requests.";
const AGAIN: &str = "Set it if a GOAWAY gives you errors. It is right even for requests that must not run twice: those that \
                     may run twice here went to peers that break the protocol or contradict themselves.";
const WHILE_IDLE: &str = "Also for connections that die between two requests: the next request gets a new one.";

/// hyper's clients with a setting that has the same name in both.
macro_rules! hyper {
    ($set:expr) => {
        [
            shipped(HYPER_UTIL, |endpoint| hyper_util(endpoint, $set)),
            shipped(HYPER_0_14, |endpoint| hyper_0_14(endpoint, $set)),
        ]
    };
}

pub(crate) fn of_hyper() -> Table {
    let versions = [
        shipped(HYPER_UTIL, |endpoint| again(modern::IS_TURNED_AWAY, hyper_util(endpoint, |set| set))),
        shipped(HYPER_0_14, |endpoint| again(legacy::IS_TURNED_AWAY, hyper_0_14(endpoint, |set| set))),
    ];
    let again_with_its_h2 = row("one more call if `is_turned_away`", versions, AGAIN);
    let versions = [
        shipped(HYPER_UTIL, |endpoint| again(legacy::IS_TURNED_AWAY, hyper_util(endpoint, |set| set))),
        shipped(HYPER_0_14, |endpoint| again(modern::IS_TURNED_AWAY, hyper_0_14(endpoint, |set| set))),
    ];
    let again_with_the_other_h2 = row(
        "the same with the other `h2`: 0.3 for hyper-util, 0.4 for hyper 0.14",
        versions,
        "It compiles, and never sees an error. This is the bug that the suite was written for.",
    );
    let versions = [
        shipped(HYPER_UTIL, |endpoint| within(TIMEOUT, hyper_util(endpoint, |set| set))),
        shipped(HYPER_0_14, |endpoint| within(TIMEOUT, hyper_0_14(endpoint, |set| set))),
    ];
    let timeout = row(
        "`tokio::time::timeout`, 10 s, around the call",
        versions,
        "Set it: hyper has no timeout of its own. The call ends with the head of the response: reading the body needs \
         a timeout too.",
    );
    Table {
        versions: ["hyper-util", "hyper 0.14"],
        shipped: hyper!(|set| set),
        rows: vec![
            timeout,
            again_with_its_h2,
            again_with_the_other_h2,
            row(
                "`http2_keep_alive_interval`, 30 s, and `http2_keep_alive_timeout`, 10 s",
                hyper!(|set| set.http2_keep_alive_interval(INTERVAL).http2_keep_alive_timeout(ACKNOWLEDGED)),
                KEEP_ALIVE,
            ),
            row(
                "the same, and `http2_keep_alive_while_idle(true)`",
                hyper!(|set| set
                    .http2_keep_alive_interval(INTERVAL)
                    .http2_keep_alive_timeout(ACKNOWLEDGED)
                    .http2_keep_alive_while_idle(true)),
                WHILE_IDLE,
            ),
            Row {
                set: "`pool_max_idle_per_host(0)`",
                versions: hyper!(|set| set.pool_max_idle_per_host(0)),
                purpose: "Every request gets a connection of its own, and none waits for a slot. Each costs a handshake.",
                only: Some(WAITS),
            },
            row(
                "`retry_canceled_requests(false)`",
                hyper!(|set| set.retry_canceled_requests(false)),
                "Leave it on: it only repeats what was never written.",
            ),
        ],
    }
}

/// Both versions of reqwest with a setting. `$retry` is the module of the version with the retry policies.
macro_rules! reqwest {
    ($set:ident, $retry:ident => $with:expr) => {
        [
            shipped(REQWEST_0_13, |endpoint| {
                #[allow(unused_imports)]
                use reqwest_013::retry as $retry;
                reqwest_0_13(endpoint, |$set| $with)
            }),
            shipped(REQWEST_0_12, |endpoint| {
                #[allow(unused_imports)]
                use reqwest_012::retry as $retry;
                reqwest_0_12(endpoint, |$set| $with)
            }),
        ]
    };
}

/// A policy for this host that repeats an idempotent request after any error.
macro_rules! repeats {
    ($retry:ident, $host:literal) => {
        $retry::for_host($host).classify_fn(|attempt| {
            let repeats = attempt.error().is_some() && attempt.method().is_idempotent();
            if repeats { attempt.retryable() } else { attempt.success() }
        })
    };
}

pub(crate) fn of_reqwest() -> Table {
    Table {
        versions: ["reqwest 0.13", "reqwest 0.12"],
        shipped: reqwest!(set, retry => set),
        rows: vec![
            row(
                "`timeout`, 10 s",
                reqwest!(set, retry => set.timeout(TIMEOUT)),
                "Set it. It must be longer than the largest body takes.",
            ),
            row(
                "`read_timeout`, 5 s",
                reqwest!(set, retry => set.read_timeout(READ_TIMEOUT)),
                "For bodies of any length: it is the longest pause before the head, and between two parts of the body.",
            ),
            row(
                "`http2_keep_alive_interval`, 30 s, and `http2_keep_alive_timeout`, 10 s",
                reqwest!(set, retry => set.http2_keep_alive_interval(INTERVAL).http2_keep_alive_timeout(ACKNOWLEDGED)),
                KEEP_ALIVE,
            ),
            row(
                "the same, and `http2_keep_alive_while_idle(true)`",
                reqwest!(set, retry => set
                    .http2_keep_alive_interval(INTERVAL)
                    .http2_keep_alive_timeout(ACKNOWLEDGED)
                    .http2_keep_alive_while_idle(true)),
                WHILE_IDLE,
            ),
            row(
                "`retry(for_host(HOST))`, if `is_turned_away`",
                reqwest!(set, retry => set.retry(retry::for_host("127.0.0.1").classify_fn(|attempt| {
                    if attempt.error().is_some_and(modern::IS_TURNED_AWAY) { attempt.retryable() } else { attempt.success() }
                }))),
                "Also repeats what a GOAWAY with an error code turned away, even a POST.",
            ),
            row(
                "`retry(for_host(HOST))`, after any error of an idempotent request",
                reqwest!(set, retry => set.retry(repeats!(retry, "127.0.0.1"))),
                "A policy replaces reqwest's own: here, a POST that was turned away becomes an error. Ask \
                 `is_turned_away` as well. reqwest does not pause before it repeats.",
            ),
            row(
                "the same for another host",
                reqwest!(set, retry => set.retry(repeats!(retry, "other.test"))),
                "A fault of reqwest: it looks at the host only before a second repetition, so the first is made for \
                 every host.",
            ),
            row(
                "`retry(never())`",
                reqwest!(set, retry => set.retry(retry::never())),
                "Leave the retries on: by default, they only repeat what was turned away.",
            ),
            row(
                "`connect_timeout`, 5 s",
                reqwest!(set, retry => set.connect_timeout(READ_TIMEOUT)),
                "It is about making the connection: no scenario is slow there.",
            ),
        ],
    }
}

/// Both versions of tonic with a setting.
macro_rules! tonic {
    ($set:expr) => {
        [
            shipped(TONIC_0_14, |endpoint| tonic_0_14(endpoint, $set)),
            shipped(TONIC_0_12, |endpoint| tonic_0_12(endpoint, $set)),
        ]
    };
}

pub(crate) fn of_tonic() -> Table {
    let versions = [
        shipped(TONIC_0_14, |endpoint| again(modern::IS_TURNED_AWAY, tonic_0_14(endpoint, |set| set))),
        shipped(TONIC_0_12, |endpoint| again(modern::IS_TURNED_AWAY, tonic_0_12(endpoint, |set| set))),
    ];
    let again = row("one more call if `is_turned_away`", versions, AGAIN);
    Table {
        versions: ["tonic 0.14", "tonic 0.12"],
        shipped: tonic!(|set| set),
        rows: vec![
            row(
                "`timeout`, 10 s",
                tonic!(|set| set.timeout(TIMEOUT)),
                "Set it. It ends with the head of the response: a stream of messages needs a timeout of your own.",
            ),
            again,
            row(
                "`http2_keep_alive_interval`, 30 s, and `keep_alive_timeout`, 10 s",
                tonic!(|set| set.http2_keep_alive_interval(INTERVAL).keep_alive_timeout(ACKNOWLEDGED)),
                KEEP_ALIVE,
            ),
            row(
                "the same, and `keep_alive_while_idle(true)`",
                tonic!(|set| set
                    .http2_keep_alive_interval(INTERVAL)
                    .keep_alive_timeout(ACKNOWLEDGED)
                    .keep_alive_while_idle(true)),
                WHILE_IDLE,
            ),
            Row {
                set: "`concurrency_limit(1)`",
                versions: tonic!(|set| set.concurrency_limit(1)),
                purpose: "A call waits in tonic until the head of an earlier one has come. One that waits in hyper is \
                          lost with the connection. Set it to the number of streams that the peer allows.",
                only: Some(WAITS),
            },
            row(
                "`connect_timeout`, 5 s",
                tonic!(|set| set.connect_timeout(READ_TIMEOUT)),
                "It is about making the connection: no scenario is slow there.",
            ),
        ],
    }
}

/// Both clients of the AWS SDK with a setting, with its retries.
fn aws(setting: Setting) -> Versions {
    [AWS_MODERN, AWS_LEGACY].map(|client| {
        let has = setting != Setting::KeepAlive || client.keeping_alive.is_some();
        has.then(|| Box::new(client.retrying(setting)) as _)
    })
}

pub(crate) fn of_the_aws_sdk() -> Table {
    Table {
        versions: ["default", "legacy"],
        shipped: aws(Setting::AsShipped),
        rows: vec![
            row(
                "`operation_attempt_timeout`, 10 s",
                aws(Setting::AttemptTimeout),
                "Set it. It must be longer than the largest body takes.",
            ),
            row(
                "`read_timeout`, 5 s",
                aws(Setting::ReadTimeout),
                "Or this one, which ends with the head of the response.",
            ),
            row(
                "`operation_timeout`, 20 s",
                aws(Setting::OperationTimeout),
                "A limit for all attempts and pauses together. Alone, it turns what hangs into errors.",
            ),
            row(
                "HTTP/2 keep-alive, 30 s and 10 s, in the builder of hyper that you pass to the legacy client",
                aws(Setting::KeepAlive),
                "For connections that die without a word.",
            ),
            row(
                "one more call after any error",
                aws(Setting::OwnLayer),
                "Only for requests that may run twice, with a pause and a timeout.",
            ),
        ],
    }
}
