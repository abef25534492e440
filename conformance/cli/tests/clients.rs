//! The tables of the clients match their snapshots, and are the same in every run.

#![cfg(feature = "aws")]

use anstream::adapter::strip_str;
use conformance::{
    client_driver::Client,
    report::clients::ClientReport,
    run::play_clients,
    scenarios::{self, Scenario},
};
use conformance_cli::client_tables::{client_tables, extra_run_tables, log_table, wrongs};
use conformance_clients::{CLIENTS, play_extra_runs};
use std::thread;

fn scenarios() -> Vec<Scenario> {
    scenarios::built_in().expect("the suite's own scenarios are valid")
}

/// Plays the scenarios to the generated clients of a service, or to all other clients.
fn play(of_a_service: bool) -> Vec<ClientReport> {
    let wanted = |client: &&dyn Client| client.name().starts_with("dynamodb") == of_a_service;
    play_clients(&scenarios(), CLIENTS.iter().copied().filter(wanted), &()).expect("the clients can be driven")
}

fn assert_snapshot(name: &str, tables: &[String]) {
    let text = strip_str(&tables.concat()).to_string();
    insta::with_settings!({ snapshot_path => "../../../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn the_tables_of_the_clients_match_the_snapshot() {
    // Each play has a runtime of its own, so they can run at the same time.
    let (reports, again, extra_runs) = thread::scope(|scope| {
        let extra_runs = scope.spawn(|| play_extra_runs(&scenarios(), &()));
        (play(false), play(false), extra_runs.join().expect("no play panics"))
    });
    let mut extra_runs = extra_runs.expect("the clients can be driven");
    extra_runs.connect_failures.retain(|met| !met.client.starts_with("dynamodb"));
    let tables = [client_tables(&reports), extra_run_tables(&extra_runs), log_table(&reports)];
    assert_snapshot("clients", &[&tables[..], &["\n".into(), wrongs(&reports)]].concat());
    let json = |reports: &[ClientReport]| serde_json::to_string(reports).expect("reports are values");
    assert_eq!(json(&reports), json(&again), "the same scenarios gave another result");
}

#[test]
#[cfg(feature = "aws-service")]
fn the_tables_of_the_generated_clients_of_a_service_match_the_snapshot() {
    let reports = play(true);
    assert_snapshot("service", &[client_tables(&reports), wrongs(&reports)]);
}
