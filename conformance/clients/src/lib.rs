//! Third-party clients, as they are shipped, driven by [`conformance::client_driver`].
//!
//! This crate uses only the public API of `conformance`. A client's own repository can do the same: see the
//! [guide](conformance::guide::clients).
//!
//! To add a client, write a file with its [`Client`], and add a feature and a line in [`CLIENTS`].

#[cfg(feature = "aws-legacy")]
pub mod aws;
#[cfg(feature = "aws")]
mod connect_failures;
#[cfg(feature = "aws")]
mod extra_runs;
mod findings;
#[cfg(feature = "hyper")]
pub mod hyper;
#[cfg(feature = "aws-legacy")]
mod logs;
mod releases;
#[cfg(feature = "reqwest")]
pub mod reqwest;
mod shipped;
#[cfg(feature = "tonic")]
pub mod tonic;

#[cfg(feature = "aws-legacy")]
#[doc = include_str!("log.md")]
pub mod error_in_the_log {}

#[cfg(feature = "aws-legacy")]
#[doc = include_str!("aws.md")]
pub mod aws_results {}

#[cfg(feature = "aws")]
pub use connect_failures::ConnectFailure;
#[cfg(feature = "aws")]
pub use extra_runs::{extra_plays, one_goaway_for, play_extra_runs};

pub use findings::{CLIENT_FINDINGS, ClientFinding, REQWEST_RETRIES_FOR_OTHER_HOSTS};
pub use releases::play_release;
pub use shipped::Shipped;

use conformance::{
    client_driver::Client,
    fuzz::{self, Target},
};
#[cfg(not(feature = "aws"))]
use conformance::{client_driver::ClientDriverError, report::clients::ExtraRuns, run::Progress, scenarios::Scenario};

/// Every fuzz target. With the feature `aws-legacy`, `chain` also checks the SDK's legacy classifier.
pub const TARGETS: &[&Target] = &[&fuzz::CLASSIFY, &CHAIN, &fuzz::WIRE, &fuzz::SERVER];

#[cfg(feature = "aws-legacy")]
pub use aws::CHAIN;
#[cfg(not(feature = "aws-legacy"))]
pub use fuzz::CHAIN;

/// Every client: the HTTP clients of the AWS SDK alone, then each under the SDK's orchestrator, which retries, then
/// each under a generated service client (feature `aws-service`); hyper's and hyper-util's, reqwest's, and tonic's.
/// Without features there are none.
pub const CLIENTS: &[&dyn Client] = &[
    #[cfg(feature = "aws-legacy")]
    &aws::AWS_LEGACY,
    #[cfg(feature = "aws-modern")]
    &aws::AWS_MODERN,
    #[cfg(feature = "aws")]
    &aws::AWS_POOL,
    #[cfg(feature = "aws-legacy")]
    &aws::AWS_LEGACY.retrying(aws::Setting::AsShipped),
    #[cfg(feature = "aws-modern")]
    &aws::AWS_MODERN.retrying(aws::Setting::AsShipped),
    #[cfg(feature = "aws")]
    &aws::AWS_POOL.retrying(aws::Setting::AsShipped),
    #[cfg(feature = "aws-service")]
    &aws::AWS_LEGACY.dynamodb(),
    #[cfg(feature = "aws-service")]
    &aws::AWS_MODERN.dynamodb(),
    #[cfg(feature = "aws-service")]
    &aws::AWS_POOL.dynamodb(),
    #[cfg(feature = "hyper")]
    &hyper::HYPER_0_14,
    #[cfg(feature = "hyper")]
    &hyper::HYPER_UTIL,
    #[cfg(feature = "reqwest")]
    &reqwest::REQWEST_0_11,
    #[cfg(feature = "reqwest")]
    &reqwest::REQWEST_0_12,
    #[cfg(feature = "reqwest")]
    &reqwest::REQWEST_0_13,
    #[cfg(feature = "tonic")]
    &tonic::TONIC_0_12,
    #[cfg(feature = "tonic")]
    &tonic::TONIC_0_14,
];

/// The number of times that [`play_extra_runs`] plays each scenario: 0 without the feature `aws`.
#[cfg(not(feature = "aws"))]
pub fn extra_plays() -> u64 {
    0
}

/// Plays nothing: the extra runs need the feature `aws`.
///
/// # Errors
///
/// Never.
#[cfg(not(feature = "aws"))]
pub fn play_extra_runs(_: &[Scenario], _: &dyn Progress) -> Result<ExtraRuns, ClientDriverError> {
    Ok(ExtraRuns::default())
}
