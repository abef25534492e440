//! When the triggers of a ledger fire: the same tests for the clients' entries and for the servers'.

use conformance::{comparison::Harness, judge::judge, ledger::Judged, script::Script};
use std::fmt::Write as _;

/// A family of scripts, from the first number for which an entry explains what differs.
pub(crate) struct Threshold {
    pub(crate) entry: &'static str,
    pub(crate) first: usize,
    pub(crate) script: fn(usize) -> Script,
}

/// Asserts that below each threshold the stacks agree and nothing is repaired, and that at it the entry alone explains
/// what differs.
pub(crate) fn begin_at<S: Judged>(harness: &Harness<S>, thresholds: &[Threshold]) {
    for Threshold { entry, first, script } in thresholds {
        let entry = S::LEDGER.iter().find(|known| known.name == *entry).expect("the ledger has it");
        let (below, at) = (script(first - 1), judge(harness, &script(*first)));
        let comparison = harness.run(&below);
        assert_eq!(S::violations(&comparison), [], "{} differs below {first}", entry.name);
        let repaired = S::repaired(entry, &S::reading(&below, &comparison), below.steps().len());
        assert!(repaired.is_none_or(|repaired| repaired == below), "{} has a trigger below {first}", entry.name);
        let names: Vec<&str> = at.divergences.iter().map(|entry| entry.name).collect();
        assert_eq!((&names[..], at.unexplained), (&[entry.name][..], false), "{first}");
    }
}

/// How often the trigger of each entry fires in these scripts, some of which have names, and how often the entry explains
/// one.
pub(crate) fn fired<S: Judged>(
    harness: &Harness<S>,
    scripts: impl IntoIterator<Item = (Option<String>, Script)>,
) -> String {
    let judged = scripts.into_iter().map(|(name, script)| (name, judge(harness, &script), script));
    let judged: Vec<_> = judged.collect();
    let mut text = String::new();
    for entry in S::LEDGER {
        let (mut fires, mut unchanged, mut agreeing, mut explains, mut named) = (0, 0, 0, 0, Vec::new());
        for (name, judgement, script) in &judged {
            let explained = judgement.divergences.iter().any(|met| met.name == entry.name);
            explains += usize::from(explained);
            let repaired = S::repaired(entry, &S::reading(script, &judgement.comparison), script.steps().len());
            let Some(repaired) = repaired else { continue };
            fires += 1;
            unchanged += usize::from(repaired == *script);
            agreeing += usize::from(judgement.violations.is_empty());
            named.extend(name.as_ref().filter(|_| !explained));
        }
        let _ = writeln!(
            text,
            "{}: fires in {fires}, changes nothing in {unchanged}, explains {explains}; all agree in {agreeing}",
            entry.name
        );
        for name in named {
            let _ = writeln!(text, "  fires, but does not explain {name}");
        }
    }
    text
}
