//! The clients that most programs use, as they are shipped: what each does wrong is known, with the reason.

use conformance::{check::ClientCheck, client, client_driver::Client};
use conformance_clients::{
    hyper::{HYPER_0_14, HYPER_UTIL},
    reqwest::{REQWEST_0_11, REQWEST_0_12, REQWEST_0_13},
    tonic::{TONIC_0_12, TONIC_0_14},
};

/// The check passes, and what it tolerates is in the snapshot.
fn assert_check(client: &dyn Client, check: ClientCheck) {
    let passed = check.check_client(client).unwrap_or_else(|failed| panic!("{failed}"));
    insta::with_settings!({ snapshot_path => "../../../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(client.name().replace(' ', "_"), passed);
    });
}

#[test]
fn hyper_0_14() {
    assert_check(&HYPER_0_14, client(HYPER_0_14.name));
}

#[test]
fn hyper_util() {
    assert_check(&HYPER_UTIL, client(HYPER_UTIL.name));
}

/// The GOAWAY frames after which reqwest could send a request again, and does not.
fn of_reqwest(name: &str) -> ClientCheck {
    client(name)
        .knows("goaway-http-1-1-required", "it does not fall back to HTTP/1.1")
        .knows("goaway-inadequate-security", "it sends again after NO_ERROR only")
        .knows("goaway-internal-error-below-our-stream", "it sends again after NO_ERROR only")
        .knows("goaway-too-many-pings", "it sends again after NO_ERROR only")
        .knows("goaway-twice-the-second-with-an-error", "it sends again after NO_ERROR only")
}

#[test]
fn reqwest_0_11() {
    assert_check(&REQWEST_0_11, of_reqwest(REQWEST_0_11.name));
}

#[test]
fn reqwest_0_12() {
    assert_check(&REQWEST_0_12, of_reqwest(REQWEST_0_12.name));
}

#[test]
fn reqwest_0_13() {
    assert_check(&REQWEST_0_13, of_reqwest(REQWEST_0_13.name));
}

#[test]
fn tonic_0_12() {
    assert_check(&TONIC_0_12, client(TONIC_0_12.name));
}

#[test]
fn tonic_0_14() {
    assert_check(&TONIC_0_14, client(TONIC_0_14.name));
}
