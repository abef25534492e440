//! A run as JUnit XML, which continuous integration shows as tests: one for the whole run, and one for each scenario,
//! law, metamorphic transformation and clause of RFC 9113, and for each scenario of each client.
//!
//! A test fails only where the run is not clean. Known divergences and known faults of clients pass, and their output
//! says so.

use conformance::{
    oracles::{LAWS, Law, chains::CHAIN_LAWS},
    report::{BrokenErrorChain, Run, ScenarioReport, baseline::BaselineDiff, clients::ClientScenario, layout::count},
};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

/// The run as XML.
pub fn junit(run: &Run) -> String {
    let mut report = Report::new("conformance");
    report.add_test_suite(suite("the run", std::iter::once(of_all(run))));
    report.add_test_suites(run.themes.iter().map(|theme| {
        let name = format!("scenarios: {}", theme.name);
        suite(&name, theme.scenarios.iter().map(|scenario| of_scenario(run, scenario)))
    }));
    report.add_test_suite(suite("laws over scripts", LAWS.iter().map(|law| of_law(run, *law))));
    report.add_test_suite(suite("laws over error chains", CHAIN_LAWS.iter().map(|law| of_error_chains(run, *law))));
    report.add_test_suite(suite(
        "metamorphic transformations",
        run.changes.iter().map(|change| {
            let broken = run.broken_transformations.iter().find(|broken| broken.change == change.name);
            let status = match broken {
                None => TestCaseStatus::success(),
                Some(broken) => {
                    let commands = format!("{}\nbefore: {}\nafter: {}", broken.rfc, broken.before, broken.after);
                    failure("invariance", &broken.message, &commands)
                }
            };
            TestCase::new(change.name, status)
        }),
    ));
    let unmet: Vec<&str> = run.unmet().map(|clause| clause.name).collect();
    let required = run.clauses.iter().filter(|clause| clause.required);
    report.add_test_suite(suite(
        "clauses of RFC 9113",
        required.map(|clause| {
            let status = match unmet.contains(&clause.name) {
                true => failure("unmet", "no case of the run meets it", clause.text),
                false => TestCaseStatus::success(),
            };
            TestCase::new(format!("§{} {}", clause.section, clause.name), status)
        }),
    ));
    report.add_test_suites(run.clients.iter().map(|client| {
        let baseline = run.baseline.as_ref();
        suite(client.name, client.scenarios.iter().map(|scenario| of_client(baseline, client.name, scenario)))
    }));
    report.to_string().expect("writing to a string does not fail")
}

fn suite(name: &str, cases: impl Iterator<Item = TestCase>) -> TestSuite {
    let mut suite = TestSuite::new(name);
    suite.add_test_cases(cases.map(|mut case| {
        case.set_classname(format!("conformance.{name}"));
        case
    }));
    suite
}

fn failure(kind: &str, message: &str, told: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type(kind).set_message(message).set_description(told);
    status
}

/// The test of the whole run: an interrupted run is an error, because nothing is known of what did not run.
fn of_all(run: &Run) -> TestCase {
    let mut status = TestCaseStatus::success();
    if run.interrupted {
        status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message("the run was interrupted");
    }
    TestCase::new("the run is complete", status)
}

fn of_scenario(run: &Run, scenario: &ScenarioReport) -> TestCase {
    let found = run.violations.iter().find(|found| found.smallest.name == scenario.name);
    let status = match found.filter(|_| scenario.violations > 0) {
        None => TestCaseStatus::success(),
        Some(found) => {
            let law = found.smallest.violations.first().map(|violation| violation.law.to_string());
            failure(&law.unwrap_or_default(), &found.like, &found.told)
        }
    };
    let mut case = TestCase::new(&*scenario.name, status);
    let known = scenario.divergences.iter().map(|name| format!("explained by {name}"));
    let known: Vec<String> = known.chain(scenario.but.iter().cloned()).collect();
    if !known.is_empty() {
        case.set_system_out(known.join("\n"));
    }
    case
}

/// The test of a law over generated scripts and the corpus. A violation in a scenario fails the scenario's own test.
fn of_law(run: &Run, law: Law) -> TestCase {
    let of_scenario = |name: &str| {
        run.themes
            .iter()
            .flat_map(|theme| &theme.scenarios)
            .any(|scenario| scenario.name == name && scenario.violations > 0)
    };
    let found = run.violations.iter().filter(|found| {
        let first = found.smallest.violations.first();
        first.is_some_and(|violation| violation.law == law) && !of_scenario(&found.smallest.name)
    });
    let found: Vec<_> = found.collect();
    let told = found.iter().map(|found| &*found.told).collect::<Vec<_>>().join("\n");
    let message = found.iter().map(|found| format!("{}: {}", count(found.cases, "case"), found.like));
    of(law, &message.collect::<Vec<_>>().join("; "), &told)
}

fn of_error_chains(run: &Run, law: Law) -> TestCase {
    let broken = run.broken_error_chains.iter().filter(|broken| broken.law == law);
    let told = |broken: &BrokenErrorChain| {
        format!("{} ({}): {}\n{}", broken.smallest, broken.stack, broken.message, broken.replay)
    };
    let told: Vec<String> = broken.clone().map(told).collect();
    let message = broken.map(|broken| count(broken.error_chains, "error chain")).collect::<Vec<_>>().join("; ");
    of(law, &message, &told.join("\n"))
}

/// The test of a law: it fails if `told` is not empty.
fn of(law: Law, message: &str, told: &str) -> TestCase {
    let status = match told.is_empty() {
        true => TestCaseStatus::success(),
        false => failure(&law.to_string(), message, &format!("{}\n{told}", law.text())),
    };
    TestCase::new(law.to_string(), status)
}

fn of_client(baseline: Option<&BaselineDiff>, client: &str, scenario: &ClientScenario) -> TestCase {
    let wrong = scenario.wrong.iter().map(|wrong| {
        let whose = if wrong.of_its_stack { ", as its stack does" } else { "" };
        format!("request {}: {}: {}{whose}", wrong.request, wrong.law, wrong.message)
    });
    let wrong: Vec<String> = wrong.collect();
    let new: Vec<&str> =
        baseline.map(|baseline| baseline.wrong_in(client, &scenario.name).collect()).unwrap_or_default();
    let status = match new.is_empty() {
        false => failure("new", &new.join("; "), &scenario.timeline.join("\n")),
        true if scenario.unplayable > 0 => {
            let mut status = TestCaseStatus::skipped();
            status.set_message("the script has a read or write error, which needs a transport in memory");
            status
        }
        true => TestCaseStatus::success(),
    };
    let mut case = TestCase::new(&*scenario.name, status);
    if !wrong.is_empty() {
        case.set_system_out(wrong.join("\n"));
    }
    case
}
