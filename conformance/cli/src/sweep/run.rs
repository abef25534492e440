//! The run: every release in turn, unless its outcome is kept.

use super::{
    Cargo, Checkout, LINES, Line, Package, Range, Release, ReleaseStatus, Series, Suite, Sweep, SweepError, releases,
    releases::newest,
};
use crate::{output::write_whole, progress::is_stopped};
use conformance::report;
use indicatif::ProgressBar;
use semver::Version;
use serde::{Deserialize, Serialize};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The outcome of a release, as it is kept in the folder of its package.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The [`Package::digest`] that it holds for.
    pub digest: u64,
    /// The outcome.
    pub release: Release,
}

impl Kept {
    /// The name of the file.
    pub const FILE: &'static str = "outcome.json";

    /// Reads it from this folder, if it is there with this digest.
    pub fn read(folder: &Path, digest: u64) -> Option<Kept> {
        let kept: Kept = serde_json::from_slice(&fs::read(folder.join(Kept::FILE)).ok()?).ok()?;
        (kept.digest == digest).then_some(kept)
    }

    /// Writes it to this folder, whole or not at all.
    ///
    /// # Errors
    ///
    /// If the folder cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), SweepError> {
        let path = folder.join(Kept::FILE);
        let write = || write_whole(&path, &serde_json::to_vec_pretty(self)?);
        write().map_err(SweepError::file(&path))
    }
}

/// Plays the releases of a crate in a range, all of them if none is given, and keeps the outcomes in `folder`. A
/// checkout is played after the releases of its line, and if no range is given, after the newest of them alone.
///
/// If it is stopped, it returns the outcomes until then.
///
/// # Errors
///
/// If no release is in the range, cargo cannot be used, or files cannot be read or written.
pub fn run(
    name: &str,
    range: Option<&Range>,
    checkout: Option<&Path>,
    folder: Option<PathBuf>,
    bar: &ProgressBar,
) -> Result<Sweep, SweepError> {
    let checkout = checkout.map(|folder| Checkout::read(name, folder)).transpose()?;
    let suite = Suite::own()?;
    let folder = folder.unwrap_or_else(|| suite.default_folder());
    // Programs run in folders below it, with paths to other folders of it.
    let folder = std::path::absolute(&folder).map_err(SweepError::file(&folder))?;
    let cargo = Cargo::new(folder.clone());
    bar.set_message("asking which releases there are");
    let found = existing(&cargo, name, range, checkout.as_ref())?;
    let number = found.iter().map(|(_, releases)| releases.len()).sum::<usize>() + usize::from(checkout.is_some());
    bar.set_length(number as u64);
    let mut lines = Vec::new();
    for (line, existing) in found {
        let mut releases = Vec::new();
        let play = || -> Result<(), SweepError> {
            for (version, status) in existing {
                bar.set_message(format!("{name} {version}"));
                releases.push(match status {
                    Some(status) => Release { version: version.to_string(), partner: None, status },
                    None => outcome(&Package::new(&suite, line, &version, &folder), &cargo)?,
                });
                bar.inc(1);
            }
            if let Some(checkout) = checkout.as_ref().filter(|_| !is_stopped()) {
                bar.set_message(format!("{name} in {}", checkout.folder.display()));
                // Its outcome is not kept: its sources may change.
                releases.push(Package::of(&suite, line, checkout, &folder).build_and_play(&cargo)?);
            }
            Ok(())
        };
        match play() {
            Ok(()) | Err(SweepError::Stopped) => {}
            Err(error) => return Err(error),
        }
        let partner = line.partner().map(|partner| partner.name.into());
        lines.push(Series { partner, observed: line.observed.about(), releases });
    }
    Ok(Sweep { schema: report::SCHEMA, name: name.into(), interrupted: is_stopped(), lines })
}

/// Releases of a line, each with its status if it cannot be played.
type Existing = (&'static Line, Vec<(Version, Option<ReleaseStatus>)>);

/// The releases of the crate in the range, line by line; with a checkout, only those of its line.
fn existing(
    cargo: &Cargo,
    name: &str,
    range: Option<&Range>,
    checkout: Option<&Checkout>,
) -> Result<Vec<Existing>, SweepError> {
    let lines: Vec<&Line> = match checkout {
        None => LINES.iter().filter(|line| line.name == name).collect(),
        Some(checkout) => {
            vec![checkout.line(name).ok_or_else(|| no_release(name, &Range::one(checkout.version.clone())))?]
        }
    };
    let mut found = Vec::new();
    for line in lines {
        let newest = match range.is_none() && checkout.is_some() {
            true => newest(cargo.newest(name, &line.versions)?)?.map(Range::one),
            false => None,
        };
        if let Some(range) = line.versions.intersection(newest.as_ref().or(range).unwrap_or(&Range::ALL)) {
            found.push((line, releases(&range, |range| cargo.newest(name, range))?));
        }
    }
    found.retain(|(_, releases)| !releases.is_empty());
    if found.is_empty() { Err(no_release(name, range.unwrap_or(&Range::ALL))) } else { Ok(found) }
}

fn no_release(name: &str, range: &Range) -> SweepError {
    let known = LINES.iter().filter(|line| line.name == name).map(|line| line.versions.to_string());
    let known = known.collect::<Vec<_>>().join(" and ");
    SweepError::NoRelease { name: name.into(), range: range.to_string(), known }
}

/// The outcome of a published release: the kept one, or else it is built and played now.
fn outcome(package: &Package<'_>, cargo: &Cargo) -> Result<Release, SweepError> {
    let digest = package.digest();
    if let Some(kept) = Kept::read(&package.folder, digest) {
        return Ok(kept.release);
    }
    let kept = Kept { digest, release: package.build_and_play(cargo)? };
    kept.write(&package.folder)?;
    Ok(kept.release)
}
