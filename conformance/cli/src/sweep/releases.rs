//! Which releases exist.

use super::Range;
use semver::Version;

/// What is known of published releases.
pub trait Registry {
    /// Why it could not be asked.
    type Error;

    /// The newest release in the range that can be had; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If it could not be asked.
    fn newest(&self, name: &str, range: &Range) -> Result<Option<Version>, Self::Error>;

    /// Whether this version was published and can be had.
    ///
    /// # Errors
    ///
    /// If it could not be asked.
    fn standing(&self, name: &str, version: &Version) -> Result<Standing, Self::Error>;
}

/// Whether a version can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can.
    Published,
    /// It was published, and taken back.
    Yanked,
    /// It was never published.
    NeverPublished,
}

/// The releases of a crate in a range within one major version, oldest first, with the gaps in their numbers.
///
/// The last number is counted up to the newest release of each minor version, and on as long as releases were taken back.
///
/// # Errors
///
/// If the registry could not be asked.
pub fn releases<R: Registry>(registry: &R, name: &str, range: &Range) -> Result<Vec<(Version, Standing)>, R::Error> {
    let Version { major, minor: first, .. } = range.low;
    // Without a release that can be had, there may still be some that were taken back.
    let last = registry.newest(name, range)?.map_or(first, |newest| newest.minor);
    let mut releases = Vec::new();
    for minor in first..=last {
        let Some(range) = Range::of_minor(major, minor).intersection(range) else { continue };
        let newest = registry.newest(name, &range)?;
        for patch in range.low.patch..=range.high.patch {
            let version = Version::new(major, minor, patch);
            let standing = match &newest {
                Some(newest) if *newest == version => Standing::Published,
                _ => registry.standing(name, &version)?,
            };
            if standing == Standing::NeverPublished && newest.as_ref().is_none_or(|newest| *newest < version) {
                break;
            }
            releases.push((version, standing));
        }
    }
    Ok(releases)
}
