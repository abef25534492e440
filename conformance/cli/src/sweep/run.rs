//! The run: every release in turn, as far as it was not done before.

use super::{
    Cargo, Checkout, LINES, Line, Package, Range, Registry, Release, ReleaseStatus, Series, Standing, Suite, Sweep,
    SweepError, releases,
};
use conformance::report;
use semver::Version;
use serde::{Deserialize, Serialize};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// How far a sweep is, for whoever wants to show it.
pub trait Watch {
    /// So many releases are to be done.
    fn begin(&self, releases: usize);

    /// This is being done now.
    fn doing(&self, what: &str);

    /// One release is done.
    fn advance(&self);

    /// Whether the sweep is to end early, with what it has.
    fn is_stopped(&self) -> bool;
}

/// What is kept of a release in its folder.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The number for what it depends on, [`Package::digest`].
    pub digest: u64,
    /// The version of its partner.
    pub partner: Option<String>,
    /// What became of it.
    pub fate: ReleaseStatus,
}

impl Kept {
    /// The name of the file.
    pub const FILE: &'static str = "outcome.json";

    /// What is kept in this folder, if it is of this digest.
    pub fn read(folder: &Path, digest: u64) -> Option<Kept> {
        let kept: Kept = serde_json::from_slice(&fs::read(folder.join(Kept::FILE)).ok()?).ok()?;
        (kept.digest == digest).then_some(kept)
    }

    /// Keeps it in this folder. It is there whole or not at all.
    ///
    /// # Errors
    ///
    /// If the folder cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), SweepError> {
        let path = folder.join(Kept::FILE);
        let unfinished = folder.join("outcome.json.new");
        let written = serde_json::to_vec_pretty(self).map_err(Into::into);
        let written =
            written.and_then(|bytes| fs::write(&unfinished, bytes)).and_then(|()| fs::rename(&unfinished, &path));
        written.map_err(|error| SweepError::File { path, error })
    }
}

/// Runs a sweep of the releases of a crate in a range, all of them if none is given, and keeps it in `folder`. A checkout is
/// played after the releases of its line, and if no range is given, after the newest of them alone.
///
/// If it is told to stop, it gives what it has until then.
///
/// # Errors
///
/// If no release is in the range, cargo cannot be used, or files cannot be read or written.
pub fn run(
    name: &str,
    range: Option<&Range>,
    checkout: Option<&Path>,
    folder: Option<PathBuf>,
    watch: &dyn Watch,
) -> Result<Sweep, SweepError> {
    let checkout = checkout.map(|folder| Checkout::read(name, folder)).transpose()?;
    let suite = Suite::own()?;
    let folder = folder.unwrap_or_else(|| suite.default_folder());
    // Programs are run in folders below it, and are told where others are.
    let folder = std::path::absolute(&folder).map_err(|error| SweepError::File { path: folder, error })?;
    let cargo = Cargo::new(folder.join("asks"), watch);
    watch.doing("asking which releases there are");
    let lines = LINES.iter().filter(|line| line.name == name);
    let lines: Vec<&Line> = match &checkout {
        None => lines.collect(),
        Some(checkout) => {
            vec![checkout.line(name).ok_or_else(|| no_release(name, &Range::one(checkout.version.clone())))?]
        }
    };
    let mut found: Vec<(&Line, Vec<(Version, Standing)>)> = Vec::new();
    for line in lines {
        let newest = match range.is_none() && checkout.is_some() {
            true => cargo.newest(name, &line.versions)?.map(Range::one),
            false => None,
        };
        if let Some(range) = line.versions.intersection(newest.as_ref().or(range).unwrap_or(&Range::ALL)) {
            found.push((line, releases(&cargo, name, &range)?));
        }
    }
    found.retain(|(_, releases)| !releases.is_empty());
    if found.is_empty() {
        return Err(no_release(name, range.unwrap_or(&Range::ALL)));
    }
    watch.begin(found.iter().map(|(_, releases)| releases.len()).sum::<usize>() + usize::from(checkout.is_some()));
    let mut sweep = Sweep { schema: report::SCHEMA, name: name.into(), lines: Vec::new() };
    for (line, releases) in found {
        let mut done = Vec::new();
        for (version, standing) in releases {
            watch.doing(&format!("{name} {version}"));
            let (partner, fate) = match standing {
                Standing::Yanked => (None, ReleaseStatus::Yanked),
                Standing::NeverPublished => (None, ReleaseStatus::NeverPublished),
                Standing::Published => match published(&Package::new(&suite, line, &version, &folder), &cargo, &folder)
                {
                    Ok(kept) => (kept.partner, kept.fate),
                    Err(SweepError::Stopped) => break,
                    Err(error) => return Err(error),
                },
            };
            done.push(Release { version: version.to_string(), partner, fate });
            watch.advance();
        }
        if let Some(checkout) = checkout.as_ref().filter(|_| !watch.is_stopped()) {
            watch.doing(&format!("{name} in {}", checkout.folder.display()));
            // What it comes to is not kept: nobody knows when its sources change.
            let package = Package::of(&suite, line, checkout, &folder);
            match package.build_and_play(&cargo, &folder.join("target")) {
                Ok(fate) => {
                    let partner = package.partner().map(|version| version.to_string());
                    done.push(Release { version: Release::CHECKOUT.into(), partner, fate });
                }
                Err(SweepError::Stopped) => {}
                Err(error) => return Err(error),
            }
        }
        sweep.lines.push(Series {
            partner: line.partner().map(|partner| partner.name.into()),
            observed: line.observed.about().into(),
            releases: done,
        });
    }
    Ok(sweep)
}

fn no_release(name: &str, range: &Range) -> SweepError {
    let known = LINES.iter().filter(|line| line.name == name).map(|line| line.versions.to_string());
    let known = known.collect::<Vec<_>>().join(" and ");
    SweepError::NoRelease { name: name.into(), range: range.to_string(), known }
}

/// What is kept of a published release; if nothing is, it is done now.
fn published(package: &Package<'_>, cargo: &Cargo<'_>, folder: &Path) -> Result<Kept, SweepError> {
    let digest = package.digest();
    if let Some(kept) = Kept::read(package.folder(), digest) {
        return Ok(kept);
    }
    let fate = package.build_and_play(cargo, &folder.join("target"))?;
    let kept = Kept { digest, partner: package.partner().map(|version| version.to_string()), fate };
    kept.write(package.folder())?;
    Ok(kept)
}
