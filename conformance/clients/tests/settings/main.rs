//! What settings change for the clients in the scenarios: the tables of the page on errors in a log.

mod layers;
mod tables;

use conformance::{
    client_driver::Client,
    report::clients::{ClientReport, ClientRequest, Ended},
    run::play_clients,
    scenarios,
};
use conformance_clients::REQWEST_RETRIES_FOR_OTHER_HOSTS;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    iter::once,
};
use tables::{Row, Table, of_hyper, of_reqwest, of_the_aws_sdk, of_tonic};

fn assert_snapshot(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => "../../../../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn the_settings_of_hyper_change_what_the_snapshot_says() {
    assert_snapshot("settings_of_hyper", &rendered(of_hyper()));
}

#[test]
fn the_settings_of_reqwest_change_what_the_snapshot_says() {
    assert_snapshot("settings_of_reqwest", &rendered(of_reqwest()));
}

#[test]
fn a_policy_of_reqwest_sends_a_request_for_another_host_again() {
    let row = of_reqwest().rows.into_iter().find(|row| row.set == "the same for another host").expect("there is one");
    for client in row.versions.iter().flatten() {
        let report = play(&**client, Some(REQWEST_RETRIES_FOR_OTHER_HOSTS.scenario));
        let request = requests(&report).next().expect("it has a request");
        assert_eq!((request.on_first_connection, request.on_later_connections), (1, 1), "{}", report.name);
    }
}

#[test]
fn the_settings_of_tonic_change_what_the_snapshot_says() {
    assert_snapshot("settings_of_tonic", &rendered(of_tonic()));
}

#[test]
fn the_settings_of_the_aws_sdk_change_what_the_snapshot_says() {
    assert_snapshot("settings_of_the_aws_sdk", &rendered(of_the_aws_sdk()));
}

#[test]
fn a_request_that_hangs_ends_as_the_snapshot_says() {
    let Table { versions: [first, second], shipped, rows } = of_the_aws_sdk();
    let mut text = format!("| set | {first} | {second} |\n|---|---|---|\n");
    let settings = rows.into_iter().map(|row| (row.set, row.versions));
    for (set, versions) in once(("nothing", shipped)).chain(settings) {
        let ends = versions.map(|client| client.map_or_else(|| "cannot be set".into(), |client| hanging(&*client)));
        text += &format!("| {set} | {} |\n", ends.join(" | "));
    }
    assert_snapshot("a_request_that_hangs", &text);
}

/// The end of a request that its peer promises to answer, and does not.
fn hanging(client: &dyn Client) -> String {
    let report = play(client, Some("goaway-at-our-stream-leaves-it-open"));
    let request = requests(&report).next().expect("it has a request");
    let after = request.took_ms.map_or_else(String::new, |ms| format!(" after {} s", ms / 1_000));
    let end = match (request.ended, &request.label) {
        (Ended::Open, _) => "never ends".into(),
        (Ended::Response, _) if request.on_later_connections > 0 => format!("answered on the second connection{after}"),
        (_, Some(label)) => format!("`{label}`{after}"),
        (_, None) => format!("error{after}"),
    };
    if request.may_have_run_twice { end + "; may have run twice" } else { end }
}

/// The table, with what each setting changes in all scenarios. What a version has in common with the first is said once.
fn rendered(Table { versions: [first, second], shipped, rows }: Table) -> String {
    let shipped = shipped.map(|client| client.expect("every version is shipped"));
    let of_all = [0, 1].map(|version| play(&*shipped[version], None));
    let mut text = format!("| set | {first} | {second} | for |\n|---|---|---|---|\n");
    for Row { set, versions, purpose, only } in rows {
        let [first, second] = [0, 1].map(|version| {
            let Some(client) = &versions[version] else { return "cannot be set".into() };
            let Some(name) = only else { return changes(&of_all[version], &play(&**client, None)) };
            format!("in `{name}`: {}", changes(&play(&*shipped[version], only), &play(&**client, only)))
        });
        let second = if first == second { "the same".into() } else { second };
        text += &format!("| {set} | {first} | {second} | {purpose} |\n");
    }
    text
}

/// Plays all scenarios, or only the one with this name.
fn play(client: &dyn Client, only: Option<&str>) -> ClientReport {
    let mut scenarios = scenarios::built_in().expect("they are valid");
    scenarios.retain(|scenario| only.is_none_or(|name| scenario.name == name));
    play_clients(&scenarios, once(client), &()).expect("it can be driven").remove(0)
}

/// What becomes of the requests that end otherwise with a setting, the most frequent first.
fn changes(shipped: &ClientReport, set: &ClientReport) -> String {
    let mut changes: BTreeMap<(&str, &str), Vec<&ClientRequest>> = BTreeMap::new();
    for (before, after) in requests(shipped).zip(requests(set)) {
        let moved = before.ended == Ended::Response && before.on_later_connections < after.on_later_connections;
        if let (Some(before), Some(now)) = (end(before), end(after)) {
            let now = if moved && before == now { "answered on another connection" } else { now };
            if before != now {
                changes.entry((before, now)).or_default().push(after);
            }
        }
    }
    let mut changes: Vec<_> = changes.into_iter().collect();
    changes.sort_by_key(|(_, requests)| Reverse(requests.len()));
    let line = |((before, now), of): &((&str, &str), Vec<_>)| {
        let after = if *before == "open" || *now == "error" { times(of) } else { String::new() };
        format!("{before} → {now}: {}{after}", of.len())
    };
    let lines = changes.iter().map(line);
    let lines: Vec<_> = lines.chain(run_twice(shipped, set)).collect();
    if lines.is_empty() { "nothing".into() } else { lines.join("<br>") }
}

fn requests(report: &ClientReport) -> impl Iterator<Item = &ClientRequest> {
    report.scenarios.iter().flat_map(|scenario| &scenario.requests)
}

/// How a request ended; none if its application cancelled it.
fn end(request: &ClientRequest) -> Option<&'static str> {
    match request.ended {
        Ended::Response => Some("answered"),
        Ended::Truncated => Some("truncated"),
        Ended::BodyError | Ended::Error => Some("error"),
        Ended::Open => Some("open"),
        Ended::Cancelled => None,
    }
}

/// After what time the requests ended, if that is not at once.
fn times(requests: &[&ClientRequest]) -> String {
    let seconds: BTreeSet<u64> = requests.iter().filter_map(|request| request.took_ms).map(|ms| ms / 1_000).collect();
    match (seconds.first(), seconds.last()) {
        (_, None | Some(0)) | (None, _) => String::new(),
        (Some(first), Some(last)) if first == last => format!(", after {first} s"),
        (Some(first), Some(last)) => format!(", after {first} to {last} s"),
    }
}

/// How many more requests may have run twice, and how many of them have a method that is not idempotent.
fn run_twice(shipped: &ClientReport, set: &ClientReport) -> Option<String> {
    let twice = |report| requests(report).filter(|request| request.may_have_run_twice).count() as i64;
    let harmful = |report| {
        requests(report).filter(|request| request.may_have_run_twice && request.has_side_effect).count() as i64
    };
    let (all, harmful) = (twice(set) - twice(shipped), harmful(set) - harmful(shipped));
    (all != 0).then(|| format!("may run twice: {all:+}, side effects {harmful:+}"))
}
