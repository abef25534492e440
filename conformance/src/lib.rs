//! Finds Rust HTTP clients that misread their own HTTP/2 errors.
//!
//! Two HTTP stacks are in use in Rust: legacy (hyper 0.14 on h2 0.3) and modern (hyper 1 on h2 0.4). When a request
//! fails, the code above the stack decides from the error whether to send the request again. That code is a
//! *classifier*. If it downcasts to the wrong type, it silently stops retrying, and everything still compiles. This
//! crate plays scripted HTTP/2 peers to both stacks, reads the errors that their applications get, and checks what they
//! saw against laws:
//!
//! 1. **Agreement**: every error of a stack is read as what it is, and equal chains get equal verdicts. No exceptions.
//! 2. **Equivalence**: the same script gives the same outcome on both stacks.
//! 3. **Safety**: no request that the peer may have acted on is called unprocessed.
//! 4. **Completeness**: a request that was provably not processed is called so.
//! 5. **Integrity**: a response cut short is never handed over as complete.
//! 6. **Liveness**: every request ends, unless the script legitimately leaves it open; and nothing panics.
//!
//! Laws 1 and 2 compare the stacks, and cannot see what both get wrong. Laws 3 to 6 compare each stack with a third
//! voter: a model of [RFC 9113](rfc9113), which looks at what crossed the wire and never at what a stack told its
//! application. Known violations of laws 2 to 7 have an entry in the [`ledger`]. An entry explains a violation only if
//! all laws hold once the entry's trigger is taken out of the script.
//!
//! [Metamorphic transformations](metamorphic) cut the same bytes into other pieces, add harmless frames and padding,
//! split field blocks, write the same fields in other forms, use other streams, and change debug data. No outcome may
//! change (**invariance**).
//!
//! Agreement also holds for [error chains](error_chains): errors that were obtained from the stacks, wrapped as code
//! above a client wraps them, and made with the types of either stack. A layer that shows its source changes nothing,
//! the text of an error decides nothing, and an error of the other stack is recognised as such (**layers**, **text**,
//! **foreign**).
//!
//! Every [scenario](scenarios) says what RFC 9113 makes of its requests. Both stacks must give that result, or the
//! scenario says why not (**expectation**). The model agrees with all scenarios.
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
//! Data flows one way: a module uses only what comes before it in this picture (`tests/suite/layering.rs` has the
//! floors). A *chain* is an error with the library versions taken out. A *verdict* says whether the peer acted on the
//! request, and what the application should do. An *outcome* is the whole result of a script on one stack; a
//! [comparison](comparison::Comparison) is the outcomes of one script on both.
//!
//! # An example
//!
//! The event that this crate was born from: a load balancer sends GOAWAY(NO_ERROR), and has not seen the request.
//!
//! ```
//! use conformance::{
//!     classifiers::Advice,
//!     comparison::Harness,
//!     http2::{ErrorCode, Frame, StreamId},
//!     script::Script,
//!     vocabulary::Processed,
//! };
//!
//! let goaway = Frame::goaway(StreamId::CONNECTION, ErrorCode::NO_ERROR, b"");
//! let comparison = Harness::new().run(&Script::answering([goaway]));
//!
//! for side in comparison.sides.each() {
//!     let verdict = side.outcome.requests[0].verdict().expect("the request failed");
//!     assert_eq!(verdict.processed, Processed::No);
//!     assert_eq!(verdict.advice, Advice::Retry);
//!     // It may be sent again even if a repetition would not be harmless.
//!     assert!(verdict.may_retry(false));
//! }
//! let [legacy, modern] = comparison.sides.each();
//! assert_eq!(legacy.outcome, modern.outcome);
//! ```
#![doc = include_str!("guide/classifiers.md")]
//!
//! # Where to look next
//!
//! - [`check()`] and [`Check`] run a classifier of your own; [`client()`] a whole client, as [this page](guide::clients)
//!   explains.
//! - [`run::run`] is the whole run, as the program does it; [`judge::judge_scenario`] judges one scenario,
//!   [`judge::judge`] one script: on clients with a [`Harness`](comparison::Harness), and on servers with a
//!   [`ServerHarness`](servers::ServerHarness).
//! - [`guide`] has the pages on the laws, on scenarios, on how to add to the suite, and on its words.
//! - [`script`] has the two forms of a script, [`generators`] the grammar of random ones.
//! - [`classifiers`] has the decision and its table, [`oracles`] the laws, [`ledger`] the known divergences.
//! - [`error_catalog`] has every error that the stacks can give, [`error_chains`] the chains that are built around
//!   them.
//! - [`servers`] compares the servers of both stacks. [`fuzz`] has what the fuzz targets do with their bytes.
//! - [`report`] has the results of a run and of a case, as values.

pub mod chain;
pub mod check;
pub mod classifiers;
pub mod client_driver;
pub mod comparison;
pub mod error_catalog;
pub mod error_chains;
pub mod error_texts;
pub mod frame_logs;
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

pub use check::{Check, check, client};
