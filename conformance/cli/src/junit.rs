//! A run as JUnit XML, which continuous integration shows as tests: one for the whole run, and one for each scenario,
//! law, metamorphic transformation and clause of RFC 9113, and for each scenario of each client.
//!
//! A test fails only where the run is not clean. Known divergences and known faults of clients pass, and their output
//! says so.

use conformance::{
    oracles::{LAWS, Law, chains::CHAIN_LAWS},
    report::{ClauseReport, Finding, Found, Run, ScenarioReport, clients::ClientScenario, layout::count},
};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::time::Duration;

/// The run as XML.
pub fn junit(run: &Run) -> String {
    let mut report = Report::new("conformance");
    report.add_test_suite(suite("the run", std::iter::once(of_all(run))));
    report.add_test_suites(run.themes.iter().map(|theme| {
        let name = format!("scenarios: {}", theme.name);
        suite(&name, theme.scenarios.iter().map(|scenario| of_scenario(run, scenario)))
    }));
    report.add_test_suite(suite("laws over scripts", LAWS.iter().map(|law| of_law(run, *law))));
    let of_chains = |law: Law| {
        let broken = run.broken_error_chains.iter().filter(|broken| broken.law == law);
        test(&law.to_string(), &law.to_string(), broken.map(Finding::from))
    };
    report.add_test_suite(suite("laws over error chains", CHAIN_LAWS.iter().map(|law| of_chains(*law))));
    let transformations = run.transformations.iter().map(|change| {
        let broken = run.broken_transformations.iter().filter(|broken| broken.change == change.name);
        test(&change.name, "invariance", broken.map(Finding::from))
    });
    report.add_test_suite(suite("metamorphic transformations", transformations));
    let required = run
        .clauses
        .iter()
        .filter(|clause| clause.required)
        .map(|clause| TestCase::new(format!("§{} {}", clause.section, clause.name), of_clause(run, clause)));
    report.add_test_suite(suite("clauses of RFC 9113", required));
    report.add_test_suites(run.clients.iter().map(|client| {
        suite(&client.name, client.scenarios.iter().map(|scenario| of_client(run, &client.name, scenario)))
    }));
    report.set_time(Duration::ZERO);
    as_expected(&report.to_string().expect("writing to a string does not fail"))
}

/// The schemas of Jenkins and Surefire count the tests of a suite that were skipped as `skipped`; the library calls
/// them `disabled`. Texts have no `<`, and attributes no `>`.
fn as_expected(xml: &str) -> String {
    let mut parts = xml.split("<testsuite ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |written, part| {
        let (tag, rest) = part.split_at(part.find('>').unwrap_or_default());
        written + "<testsuite " + &tag.replace(" disabled=\"", " skipped=\"") + rest
    })
}

fn suite(name: &str, cases: impl Iterator<Item = TestCase>) -> TestSuite {
    let mut suite = TestSuite::new(name);
    suite.add_test_cases(cases.map(|mut case| {
        case.set_classname(format!("conformance.{name}")).set_time(Duration::ZERO);
        case
    }));
    suite.set_time(Duration::ZERO);
    suite
}

fn failure(kind: &str, message: &str, shown: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type(kind).set_message(message).set_description(shown);
    status
}

/// A test that fails, as this kind of failure, if there are findings.
fn test(name: &str, kind: &str, findings: impl Iterator<Item = Finding>) -> TestCase {
    let findings = findings.map(|Finding { id, cases, rendered, replay }| {
        (format!("{}: {id}", count(cases, "case")), format!("{rendered}{replay}\n"))
    });
    let (messages, shown): (Vec<_>, Vec<_>) = findings.unzip();
    let status = match messages.is_empty() {
        true => TestCaseStatus::success(),
        false => failure(kind, &messages.join("; "), &shown.join("\n")),
    };
    TestCase::new(name, status)
}

/// The run as a whole: if it was interrupted, what it does not say is unknown.
fn of_all(run: &Run) -> TestCase {
    let mut status = TestCaseStatus::success();
    if run.interrupted {
        status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message("the run was interrupted");
    }
    TestCase::new("the run is complete", status)
}

/// The law that a script breaks first.
fn law(found: &Found) -> Option<Law> {
    found.smallest.violations.first().map(|violation| violation.law)
}

fn of_scenario(run: &Run, scenario: &ScenarioReport) -> TestCase {
    let found = run.violations.iter().find(|found| found.smallest.name == scenario.name);
    let found = found.filter(|_| scenario.violations > 0);
    let law = found.and_then(law).map(|law| law.to_string());
    let mut case = test(&scenario.name, &law.unwrap_or_default(), found.map(Finding::from).into_iter());
    let known = scenario.divergences.iter().map(|name| format!("explained by {name}"));
    let known: Vec<String> = known.chain(scenario.but.iter().cloned()).collect();
    if !known.is_empty() {
        case.set_system_out(known.join("\n"));
    }
    case
}

/// The test of a law over generated scripts and the corpus. A violation in a scenario fails the scenario's own test.
fn of_law(run: &Run, of: Law) -> TestCase {
    let is_scenario = |name: &str| {
        let mut scenarios = run.themes.iter().flat_map(|theme| &theme.scenarios);
        scenarios.any(|scenario| scenario.name == name && scenario.violations > 0)
    };
    let found = run.violations.iter().filter(|found| law(found) == Some(of) && !is_scenario(&found.smallest.name));
    test(&of.to_string(), &of.to_string(), found.map(Finding::from))
}

/// A clause that nothing meets fails only in a run that had to meet it.
fn of_clause(run: &Run, clause: &ClauseReport) -> TestCaseStatus {
    match (clause.is_met(), run.has_to_cover()) {
        (true, _) => TestCaseStatus::success(),
        (false, true) => failure("unmet", "nothing meets it", &clause.text),
        (false, false) => skipped("nothing meets it; a run of this size need not"),
    }
}

fn skipped(why: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(why);
    status
}

fn of_client(run: &Run, client: &str, scenario: &ClientScenario) -> TestCase {
    let mistakes = scenario.mistakes.iter().map(|mistake| {
        let whose = if mistake.of_its_stack { ", as its stack does" } else { "" };
        format!("{}: {mistake}{whose}", mistake.class)
    });
    let mistakes: Vec<String> = mistakes.collect();
    let new = run.baseline.iter().flat_map(|baseline| baseline.wrong_in(client, &scenario.name));
    let new: Vec<&str> = new.collect();
    let status = match new.is_empty() {
        false => failure("new", &new.join("; "), &scenario.timeline.join("\n")),
        true if scenario.unplayable > 0 => {
            skipped("the script has a read or write error, which needs a transport in memory")
        }
        true => TestCaseStatus::success(),
    };
    let mut case = TestCase::new(&*scenario.name, status);
    if !mistakes.is_empty() {
        case.set_system_out(mistakes.join("\n"));
    }
    case
}
