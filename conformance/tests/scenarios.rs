//! One test per scenario: the laws hold, its expectations are met, and the stacks say what the snapshot says.
//!
//! The snapshots in `snapshots/` hold what the stacks say. The scenarios (`expect`) hold what is right.

use conformance::{
    comparison::Harness,
    judge::judge_scenario,
    report::{
        explain::{explain, observed},
        layout::WIDTH,
    },
    scenarios::{self, Scenario},
    stacks::panics::record_stack_panics,
};
use libtest_mimic::{Arguments, Failed, Trial};
use std::process::ExitCode;

fn main() -> ExitCode {
    record_stack_panics();
    let scenarios = scenarios::built_in().expect("the suite's own scenarios are valid");
    let tests = scenarios.into_iter().map(|scenario| {
        let (name, theme) = (scenario.name.clone(), scenario.theme.clone());
        Trial::test(name, move || check(&scenario)).with_kind(theme)
    });
    libtest_mimic::run(&Arguments::from_args(), tests.collect()).exit_code()
}

fn check(scenario: &Scenario) -> Result<(), Failed> {
    let case = judge_scenario(&Harness::new(), scenario).into_scenario_case(scenario);
    if case.fails() || case.but_to_state.is_some() {
        return Err(explain(&case, WIDTH).into());
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(scenario.name.as_str(), observed(&case)));
    Ok(())
}
