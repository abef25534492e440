//! The folder of a night: what the steps of `.ci/nightly` leave in it, and what is made of that.

use super::{
    BadUse,
    input::{baseline, files},
    output::{to_file, unwritable},
};
use conformance::{
    fuzz::TARGETS,
    report::{
        news::Finding,
        night::{Before, LOCKED, Night, Step, StepEnd, Tonight, text::issues, text::summary},
    },
};
use std::{collections::BTreeMap, fs, io, path::Path};

/// Everything that a night has come to.
pub(crate) fn tonight(folder: &Path) -> Result<Tonight, BadUse> {
    let runs = folder.join("runs");
    let mut tonight = Tonight { steps: steps(&folder.join("steps"))?, ..Tonight::default() };
    for (name, _) in files(&runs, true)? {
        if let Some(with) = name.strip_suffix(".json") {
            tonight.runs.insert(with.to_owned(), baseline(&runs.join(&name))?);
        }
    }
    if !tonight.runs.contains_key(LOCKED) {
        let missing = runs.join(LOCKED).with_extension("json");
        return Err(BadUse(format!("{} is missing: it is what a night is held against", missing.display())));
    }
    for target in TARGETS {
        let artifacts = folder.join("artifacts").join(target.name);
        if !artifacts.is_dir() {
            continue;
        }
        let mut alike: BTreeMap<String, Finding> = BTreeMap::new();
        for (_, bytes) in files(&artifacts, true)? {
            let Some(found) = (target.smallest)(&bytes) else { continue };
            let told = anstream::adapter::strip_str(&found.explanation).to_string();
            let finding = Finding { id: found.like, cases: 1, told, replay: found.replay };
            match alike.get_mut(&finding.id) {
                None => drop(alike.insert(finding.id.clone(), finding)),
                Some(known) => {
                    let cases = known.cases + 1;
                    if finding.told.len() < known.told.len() {
                        *known = finding;
                    }
                    known.cases = cases;
                }
            }
        }
        tonight.fuzzed.extend(alike.into_values().map(|finding| (target.name.to_owned(), finding)));
    }
    Ok(tonight)
}

/// The night before, as far as it got.
pub(crate) fn night_before(folder: &Path) -> Result<Before, BadUse> {
    let there = |path: &Path| path.exists().then(|| path.to_owned());
    let locked = there(&folder.join("runs").join(LOCKED).with_extension("json"));
    let known = there(&folder.join("known.json"));
    let read = |path: &Path| {
        let written = fs::read(path).map_err(|error| error.to_string())?;
        serde_json::from_slice(&written).map_err(|error| error.to_string())
    };
    let bad = |path: &Path, why| BadUse(format!("{} is not what a night leaves: {why}", path.display()));
    Ok(Before {
        locked: locked.map(|path| baseline(&path)).transpose()?,
        known: known.map(|path| read(&path).map_err(|why| bad(&path, why))).transpose()?.unwrap_or_default(),
    })
}

/// The steps, a line each: how it ended, its name, and what it said, with tabs between.
fn steps(path: &Path) -> Result<Vec<Step>, BadUse> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(|error| BadUse(format!("{} cannot be read: {error}", path.display())))?,
    };
    let step = |line: &str| {
        let mut parts = line.splitn(3, '\t');
        let ended = match parts.next()? {
            "done" => StepEnd::Done,
            "left" => StepEnd::Left,
            "failed" => StepEnd::Failed,
            _ => return None,
        };
        Some(Step { ended, name: parts.next()?.into(), said: parts.next().unwrap_or_default().into() })
    };
    let bad = |line| {
        BadUse(format!("{}: `{line}` is no step: it should be done, left or failed, a tab, and a name", path.display()))
    };
    text.lines().map(|line| step(line).ok_or_else(|| bad(line))).collect()
}

/// Writes what a night comes to beside what it was made of.
pub(crate) fn write_night(folder: &Path, night: &Night) -> Result<(), BadUse> {
    let issues_folder = folder.join("issues");
    // What an earlier look at the same night has written is not of this one.
    if issues_folder.exists() {
        fs::remove_dir_all(&issues_folder).map_err(|error| unwritable(&issues_folder, &error))?;
    }
    fs::create_dir_all(&issues_folder).map_err(|error| unwritable(&issues_folder, &error))?;
    for issue in issues(night) {
        let path = issues_folder.join(issue.name).with_extension("md");
        to_file(&path, &format!("# {}\n\n{}", issue.title, issue.body))?;
    }
    to_file(&folder.join("summary.md"), &summary(night))?;
    let known = serde_json::to_string_pretty(&night.known).expect("names are strings");
    to_file(&folder.join("known.json"), &(known + "\n"))
}
