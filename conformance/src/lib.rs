//! Tells whether a Rust HTTP client still understands its own HTTP/2 errors.
//!
//! Two HTTP stacks live side by side in Rust: legacy (hyper 0.14 on h2 0.3) and modern (hyper 1 on h2 0.4). Code above
//! them decides from an error whether a request may be sent again. That code is a *classifier*. One wrong type in a
//! downcast and it silently stops retrying; nothing fails to compile. This crate plays scripted HTTP/2 peers against
//! both stacks, reads the errors that their applications get, and holds what they saw against laws:
//!
//! 1. **Agreement**: every error of a stack is read as what it is, and equal chains get equal verdicts. No exceptions.
//! 2. **Equivalence**: the same script gives the same outcome on both stacks.
//! 3. **Safety**: no request that the peer may have acted on is called unprocessed.
//! 4. **Completeness**: what was provably not processed is called so.
//! 5. **Integrity**: a response cut short is never handed over as complete.
//! 6. **Liveness**: every request ends, unless the script leaves it legitimately open; and nothing panics.
//!
//! The first two compare the stacks, and cannot see what both get wrong. 3 to 6 hold each against a third voter: a model of
//! [RFC 9113](rfc9113), which looks at what crossed the wire and never at what a stack told its application. What breaks
//! 2 to 6 and is known stands in the [`ledger`]; an entry there explains it only if all laws hold once its trigger is taken
//! out of the script.
//!
//! What must not matter does not (**invariance**): [`changes`] cut the same bytes into other pieces, put harmless frames
//! between, pad, continue, spell fields otherwise, move the streams, and every outcome stays as it was.
//!
//! Agreement is also held to over [error chains](error chains): chains of errors, obtained from the stacks and wrapped as code
//! above a client wraps them, realised with the types of either stack. A layer that shows its source changes nothing,
//! what an error prints decides nothing, and an error of the other stack is known as that (**layers**, **text**,
//! **foreign**).
//!
//! Every [`scenario`] says what RFC 9113 makes of its requests, and has to come to that on both stacks or say why not
//! (**expectation**). The model agrees with all of them.
//!
//! # How a case flows
//!
//! ```text
//! bytes, TOML, generators
//!         └─> Script ──the peer plays it──> legacy stack ─> Observation ┐
//!                                   └─────> modern stack ─> Observation ┤
//!                                             readers ─> Chain ─> Verdict, Outcome
//!                                                                       │
//!             Script + what crossed the wire ─> model of RFC 9113 ─> Truth
//!                                                                       │
//!                                        laws ─> Violations ─> ledger ─> Report
//! ```
//!
//! One direction, no way back: a module uses only what comes before it in this picture (`tests/layering.rs` has the
//! floors). A *chain* is an error with the library versions taken out; a *verdict* says whether the peer acted on the
//! request, and what the application is to do; an *outcome* is all that became of a script on one stack; a
//! [comparison](comparison::Comparison) is the two outcomes of one script.
//!
//! # An example
//!
//! The event that this crate was born from: a load balancer says GOAWAY(NO_ERROR), and that it never saw the request.
//!
//! ```
//! use conformance::{
//!     classifiers::Advice, vocabulary::Processed,
//!     http2::{ErrorCode, Frame, StreamId},
//!     script::Script,
//!     comparison::Harness,
//! };
//!
//! let goaway = Frame::goaway(StreamId::CONNECTION, ErrorCode::NO_ERROR, b"");
//! let comparison = Harness::new().run(&Script::answering([goaway]));
//!
//! for side in comparison.sides() {
//!     let verdict = side.outcome.requests[0].verdict().expect("the request failed");
//!     assert_eq!(verdict.processed, Processed::No);
//!     assert_eq!(verdict.advice, Advice::Retry);
//!     // It may be sent again even if a repetition would not be harmless.
//!     assert!(verdict.may_retry(false));
//! }
//! assert_eq!(comparison.legacy.outcome, comparison.modern.outcome);
//! ```
#![doc = include_str!("guide/classifiers.md")]
//!
//! # Where to look next
//!
//! - [`suite::run`] is the whole run, as the command line does it; [`suite::judge`] is one script held against the
//!   laws, [`suite::judge_scenario`] one scenario.
//! - [`guide`] has the pages on scenarios, on other releases and on the JSON forms, and one for whoever has a GOAWAY in a
//!   log.
//! - [`script`] has the two forms of a script, [`generators`] the grammar that makes them up.
//! - [`classifiers`] has the decision and its table; [`oracles`] the laws; [`ledger`] what is known.
//! - [`servers`] compares the servers of both stacks, [`suite::judge_servers`] what they make of one client.
//! - [`fuzz`] has what the fuzz targets do with their bytes.
//! - [`error_catalog`] has every error that the stacks can give, [`error chains`] the chains that are built around them.
//! - [`sweep`] plays the scenarios with other releases of the crates under test, and tells which changed what.
//! - [`report`] has what a run and a case come to, as values.

pub mod chain;
pub mod check;
pub mod classifiers;
pub mod client_driver;
pub mod comparison;
pub mod error_catalog;
pub mod error_chains;
pub mod fuzz;
pub mod generators;
pub mod guide;
pub mod http2;
pub mod judge;
pub mod ledger;
pub mod metamorphic;
pub mod minimize;
pub mod oracles;
pub mod outcome;
pub mod peer;
pub mod report;
pub mod rfc9113;
pub mod run;
pub mod scenarios;
pub mod script;
pub mod servers;
pub mod stacks;
pub mod vocabulary;

pub use check::{Check, check};
