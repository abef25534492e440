//! x
pub mod chain;
pub mod classifiers;
pub mod generators;
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
