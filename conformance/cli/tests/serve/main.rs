//! `serve` finds what a program does wrong, and says what was wrong with its own arguments.

#![cfg(all(unix, feature = "tls"))]

mod drivers;
mod ports;
mod programs;

use conformance_cli::serve::Served;
use std::{
    path::Path,
    process::{Child, Command, Output},
};

/// The example that sends one request.
pub(crate) fn one_request() -> String {
    example("one_request")
}

/// An example. Cargo builds it with the tests.
pub(crate) fn example(name: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_conformance"));
    let program = program.with_file_name("examples").join(name);
    assert!(program.exists(), "{} is missing: `cargo test` builds it if it runs all tests", program.display());
    program.display().to_string()
}

pub(crate) fn serve(client: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_conformance"));
    command.args(["serve", "--client", client, "--patience", "1000"]).args(arguments);
    command.output().expect("the program can be run")
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(crate) fn served(arguments: &[&str]) -> (Served, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_conformance"));
    let output = command.args(["serve", "--json", "--patience", "1000"]).args(arguments).output();
    let output = output.expect("the program can be run");
    let read = serde_json::from_slice(&output.stdout);
    (read.unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr))), text(&output.stderr))
}

/// Presses Ctrl-C.
pub(crate) fn interrupt(child: &Child) {
    let process = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
    rustix::process::kill_process(process.expect("it runs"), rustix::process::Signal::INT).expect("it runs");
}
