//! The tests of the library, but for one test per scenario (`scenarios.rs`) and one per corpus file (`corpus.rs`). They
//! are one program, because each program has to build both stacks again.

mod application;
mod chain_laws;
mod check;
mod client_laws;
mod conduct;
mod controls;
mod counted;
mod determinism;
mod error_chains;
mod error_texts;
mod expectations;
mod fed_content;
mod frame_logs;
mod fuzz;
mod generated;
mod grpc;
mod integrity;
mod invariance;
mod laws;
mod layering;
mod peer;
mod readers;
mod repairs;
mod rfc9113;
mod round_trip;
mod server_conduct;
mod servers;
mod shards;
mod triggers;
mod wrong;
mod wrong_classifiers;
mod wrong_clients;
