//! Tells whether a Rust HTTP client still understands its own HTTP/2 errors.
//!
//! Two HTTP stacks live side by side in Rust: legacy (hyper 0.14 on h2 0.3) and modern (hyper 1 on h2 0.4). Code above them
//! decides from an error whether a request may be sent again. That code is a *classifier*. One wrong type in a downcast
//! and it silently stops retrying; nothing fails to compile. This crate plays scripted HTTP/2 peers against both stacks,
//! reads the errors that their applications get, and holds them against laws:
//!
//! 1. **Agreement**: every error of a stack is read as what it is, and equal chains get equal verdicts.
//! 2. **Equivalence**: the same script gives the same outcome on both stacks, except for a divergence in the [`ledger`].
//!
//! And every [`scenario`] has to come to what RFC 9113 makes of it, or say why not.
//!
//! # How a case flows
//!
//! ```text
//! bytes, TOML, generators
//!         └─> Script ──the peer plays it──> legacy stack ─> Observation ┐
//!                                   └─────> modern stack ─> Observation ┤
//!                                             readers ─> Chain ─> Verdict, Outcome
//!                                                                       │
//!                                        laws ─> Violations ─> ledger ─> Report
//! ```
//!
//! One direction, no way back: a module uses only modules that stand below it in this picture (`tests/layering.rs`).
//!
//! # An example
//!
//! The event that this crate was born from: a load balancer says GOAWAY(NO_ERROR), and that it never saw the request.
//!
//! ```
//! use conformance::{
//!     classifiers::{Advice, Processed},
//!     http2::{ErrorCode, Frame, StreamId},
//!     script::Script,
//!     trial::Laboratory,
//! };
//!
//! let goaway = Frame::goaway(StreamId::CONNECTION, ErrorCode::NO_ERROR, b"");
//! let trial = Laboratory::new().run(&Script::answering([goaway]));
//!
//! for side in trial.sides() {
//!     let verdict = side.outcome.requests[0].verdict().expect("the request failed");
//!     assert_eq!(verdict.processed, Processed::No);
//!     assert_eq!(verdict.advice, Advice::Retry);
//!     // It may be sent again even if a repetition would not be harmless.
//!     assert!(verdict.may_retry(false));
//! }
//! assert_eq!(trial.legacy.outcome, trial.modern.outcome);
//! ```
//!
//! # Where to look next
//!
//! - [`suite::run`] is the whole run, as the command line does it; [`suite::judge`] is one script held against the laws.
//! - [`guide`] has the pages on scenarios and on the JSON forms.
//! - [`classifiers`] has the decision and its table; [`oracles`] the laws; [`ledger`] what is known.

pub mod chain;
pub mod classifiers;
pub mod generators;
pub mod guide;
pub mod http2;
pub mod ledger;
pub mod minimize;
pub mod oracles;
pub mod outcome;
pub mod peer;
pub mod report;
pub mod scenario;
pub mod script;
pub mod stacks;
pub mod suite;
pub mod trial;
