//! The folder of a night: reads what the steps of `.ci/nightly` left in it, and writes the report.

use super::{
    Before, LOCKED, Memory, Night, Step, StepEnd, Tonight,
    text::{issues, summary},
};
use crate::{
    UsageError,
    input::{RUN, entries, files, read_json},
    output::{to_file, to_json, to_stderr, unwritable},
};
use conformance::{
    fuzz::Target,
    report::{Finding, SCHEMA, Similar},
};
use conformance_clients::TARGETS;
use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

/// The command that writes a sweep.
const SWEEP: &str = "conformance sweep CRATE --json=FILE";

/// The results of a night. A result that cannot be read is a failed step; everything else is still reported.
pub fn tonight(folder: &Path) -> Result<Tonight, UsageError> {
    let mut tonight = Tonight { steps: steps(&folder.join("steps"))?, ..Tonight::default() };
    let failed = |name: String, UsageError(said): UsageError| Step { name, ended: StepEnd::Failed, said };
    for (name, path) in jsons(&folder.join("runs"))? {
        match read_json(&path, RUN) {
            Ok(run) => drop(tonight.runs.insert(name, run)),
            Err(error) => tonight.steps.push(failed(format!("the run {name}"), error)),
        }
    }
    for (name, path) in jsons(&folder.join("sweeps"))? {
        match read_json(&path, SWEEP) {
            Ok(sweep) => tonight.sweeps.push(sweep),
            Err(error) => tonight.steps.push(failed(format!("the sweep {name}"), error)),
        }
    }
    if !tonight.runs.contains_key(LOCKED) && tonight.steps.iter().all(|step| step.ended != StepEnd::Failed) {
        let missing = folder.join("runs").join(LOCKED).with_extension("json");
        let said = format!("{} is missing: a night is compared with it", missing.display());
        tonight.steps.push(failed(format!("the run {LOCKED}"), UsageError(said)));
    }
    for target in TARGETS {
        let artifacts = folder.join("artifacts").join(target.name);
        if artifacts.is_dir() {
            let found = fuzzed(target, &artifacts)?.into_iter();
            tonight.fuzzed.extend(found.map(|finding| (target.name.to_owned(), finding)));
        }
    }
    Ok(tonight)
}

/// The findings of a fuzz target: the smallest of similar inputs.
fn fuzzed(target: &Target, artifacts: &Path) -> Result<Vec<Finding>, UsageError> {
    let mut found: Similar<String, usize, Finding> = Similar::default();
    let of_an_artifact = |name: &str, what: &str, rendered: &str| {
        let replay = format!("cargo fuzz run {} {}", target.name, artifacts.join(name).display());
        Finding { id: format!("{}: {what}", target.name), cases: 1, rendered: rendered.into(), replay }
    };
    let mut add = |finding: Finding| {
        found.add(finding.id.clone(), finding.cases, finding.rendered.len(), finding);
    };
    let mut similar: Similar<String, usize, Vec<u8>> = Similar::default();
    for (name, bytes) in files(artifacts)? {
        // An input that took too long or too much memory there would do so here.
        match name.split_once('-').map_or("", |(kind, _)| kind) {
            "slow" => {}
            "timeout" => add(of_an_artifact(&name, "an input takes too long", "libFuzzer ended it.\n")),
            "oom" => add(of_an_artifact(&name, "an input takes too much memory", "libFuzzer ended it.\n")),
            _ => match catch_unwind(|| (target.check)(&bytes)) {
                // Inputs are grouped by fingerprint alone: the repairs in vain are those of the smallest input.
                Ok(Err(finding)) => similar.add(finding.known_by.fingerprint, 1, bytes.len(), bytes),
                Ok(Ok(())) => add(of_an_artifact(&name, "an input that fails there alone", "Here the laws hold.\n")),
                Err(panic) => add(of_an_artifact(&name, "an input makes the suite panic", &panicked(&*panic))),
            },
        }
    }
    for (cases, _, bytes) in similar.0.into_values() {
        let smallest = catch_unwind(AssertUnwindSafe(|| (target.smallest)(&bytes))).ok().flatten();
        let Some(found) = smallest.or_else(|| (target.check)(&bytes).err()) else { continue };
        let rendered = anstream::adapter::strip_str(&found.explanation).to_string();
        add(Finding { id: found.known_by.to_string(), cases, rendered, replay: found.replay });
    }
    Ok(found.0.into_values().map(|(cases, _, finding)| Finding { cases, ..finding }).collect())
}

/// The message of a panic.
fn panicked(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "It has no message.".into()) + "\n"
}

/// The results of the night before.
pub fn night_before(folder: &Path) -> Result<Before, UsageError> {
    let (known, locked) = (folder.join("known.json"), folder.join("runs").join(LOCKED).with_extension("json"));
    if !known.exists() {
        return Err(UsageError(format!("{} is missing: a night leaves it in its folder", known.display())));
    }
    // An older version of the suite may have written another schema.
    let or_none = |UsageError(why): UsageError| to_stderr(&format!("warning: {why}. It counts as missing"));
    let sweeps = jsons(&folder.join("sweeps"))?.into_iter();
    Ok(Before {
        known: read_json(&known, "conformance night NIGHT")
            .map_err(or_none)
            .map_or_else(|()| Vec::new(), |Memory { known, .. }| known),
        locked: if locked.exists() { read_json(&locked, RUN).map_err(or_none).ok() } else { None },
        sweeps: sweeps.filter_map(|(_, path)| read_json(&path, SWEEP).map_err(or_none).ok()).collect(),
    })
}

/// The JSON files of a folder, by name without their extension; none if there is no such folder.
fn jsons(folder: &Path) -> Result<Vec<(String, PathBuf)>, UsageError> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let of_json = |(name, path): (String, PathBuf)| Some((name.strip_suffix(".json")?.to_owned(), path));
    Ok(entries(folder)?.files.into_iter().filter_map(of_json).collect())
}

/// The steps, one per line: how it ended, its name, and what it said, separated by tabs.
fn steps(path: &Path) -> Result<Vec<Step>, UsageError> {
    let shown = path.display();
    let text = fs::read_to_string(path).map_err(|error| {
        UsageError(format!("{shown} cannot be read: {error}. `.ci/nightly` leaves it in the folder of a night"))
    })?;
    let step = |line: &str| {
        let mut parts = line.splitn(3, '\t');
        let ended = serde_json::from_value(parts.next()?.into()).ok()?;
        Some(Step { ended, name: parts.next()?.into(), said: parts.next().unwrap_or_default().into() })
    };
    let bad = |line| {
        UsageError(format!("{shown}: `{line}` is no step: it should be done, left or failed, a tab, and a name"))
    };
    text.lines().map(|line| step(line).ok_or_else(|| bad(line))).collect()
}

/// Writes the report of a night into its folder.
pub fn write_night(folder: &Path, night: &Night) -> Result<(), UsageError> {
    let issues_folder = folder.join("issues");
    // Issues from an earlier report of the same night may be out of date.
    if issues_folder.exists() {
        fs::remove_dir_all(&issues_folder).map_err(|error| unwritable(&issues_folder, &error))?;
    }
    fs::create_dir_all(&issues_folder).map_err(|error| unwritable(&issues_folder, &error))?;
    for issue in issues(night) {
        let path = issues_folder.join(issue.name).with_extension("md");
        to_file(&path, &format!("# {}\n\n{}", issue.title, issue.body))?;
    }
    to_file(&folder.join("summary.md"), &summary(night))?;
    let memory = Memory { schema: SCHEMA, known: night.known.clone() };
    to_file(&folder.join("known.json"), &to_json(&memory))
}
