//! Measures the cost of a comparison (chains read, laws judged) and of the ledger's explanations, relative to the two
//! stacks alone. The ratios come from rounds that alternate in one run: absolute times depend on the machine's load.
//!
//! With `--part NAME` it does one part of it once, for `.ci/bench`, which counts its instructions.

use conformance::{
    comparison::Harness,
    generators::Sequence,
    judge::judge,
    oracles::LAWS,
    script::Script,
    stacks::{Driver, Legacy, Modern, Profile, panics::record_stack_panics},
};
use std::{
    env,
    hint::black_box,
    time::{Duration, Instant},
};

const SCRIPTS: usize = 5_000;
const ROUNDS: usize = 15;
/// The number of scripts of which a part is counted.
const COUNTED: usize = 1_500;
/// The maximum cost of a comparison, as a multiple of the cost of the two stacks alone.
const LIMIT: f64 = 1.5;

fn main() {
    record_stack_panics();
    let scripts: Vec<Script> = Sequence::of_scripts(5, 0).take(SCRIPTS).collect();
    let driver = Driver::new();
    let harness = Harness::new();
    let alone = |script: &Script| {
        black_box(driver.observe::<Legacy>(script, Profile::Equal));
        black_box(driver.observe::<Modern>(script, Profile::Equal));
    };
    let compared = |script: &Script| {
        let comparison = harness.run(script);
        black_box(LAWS.iter().map(|law| law.judge(&comparison).len()).sum::<usize>());
    };
    let explained = |script: &Script| {
        black_box(judge(&harness, script).unexplained);
    };
    if let Some(part) = env::args().skip_while(|argument| argument != "--part").nth(1) {
        let scripts = &scripts[..COUNTED];
        return match part.as_str() {
            "generators" => {}
            "stacks" => scripts.iter().for_each(alone),
            "model" => scripts.iter().for_each(|script| drop(black_box(harness.run(script)))),
            "laws" => scripts.iter().for_each(compared),
            "ledger" => scripts.iter().for_each(explained),
            other => panic!("there is no part {other}"),
        };
    }
    let mut rounds = Vec::new();
    for round in 0..=ROUNDS {
        let times = [time(&scripts, &alone), time(&scripts, &compared), time(&scripts, &explained)];
        // The first round is a warm-up.
        if round > 0 {
            rounds.push(times);
        }
    }
    let per_script =
        |which: usize| median(rounds.iter().map(|times| times[which].as_secs_f64())) * 1e6 / SCRIPTS as f64;
    let ratio = |which: usize| median(rounds.iter().map(|times| times[which].as_secs_f64() / times[0].as_secs_f64()));
    println!("{:34}{:>12}{:>8}", "median of alternating rounds", "µs / script", "ratio");
    println!("{:34}{:>12.1}{:>8.2}", "two stacks alone", per_script(0), 1.0);
    println!("{:34}{:>12.1}{:>8.2}", "with chains, verdicts and laws", per_script(1), ratio(1));
    println!("{:34}{:>12.1}{:>8.2}", "and divergences explained", per_script(2), ratio(2));
    assert!(ratio(1) <= LIMIT, "the comparison costs more than {LIMIT} times the stacks alone");
}

fn time(scripts: &[Script], play: &dyn Fn(&Script)) -> Duration {
    let start = Instant::now();
    scripts.iter().for_each(play);
    start.elapsed()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
