//! Which releases exist.

use super::{Range, Refusal, ReleaseStatus, SweepError};
use semver::Version;

/// The releases of a crate in a range within one major version, oldest first, with the gaps in their numbers: each with
/// its status if it cannot be played. `ask` gives the newest release in a range that can be used, or why there is none.
///
/// Patch numbers are counted up to the newest release of each minor version, and on while releases are yanked.
///
/// # Errors
///
/// If `ask` fails.
pub fn releases(
    range: &Range,
    ask: impl Fn(&Range) -> Result<Result<Version, Refusal>, SweepError>,
) -> Result<Vec<(Version, Option<ReleaseStatus>)>, SweepError> {
    let newest = |range: &Range| ask(range).and_then(newest);
    let Version { major, minor: first, .. } = range.low;
    // A range without a usable release can still have yanked ones.
    let last = newest(range)?.map_or(first, |newest| newest.minor);
    let mut releases = Vec::new();
    for minor in first..=last {
        let Some(range) = Range::of_minor(major, minor).intersection(range) else { continue };
        let newest = newest(&range)?;
        for patch in range.low.patch..=range.high.patch {
            let version = Version::new(major, minor, patch);
            let status = match &newest {
                Some(newest) if *newest == version => None,
                _ => match ask(&Range::one(version.clone()))? {
                    Err(Refusal::Yanked) => Some(ReleaseStatus::Yanked),
                    Err(Refusal::NoSuchVersion) if newest.as_ref().is_none_or(|newest| *newest < version) => break,
                    Err(Refusal::NoSuchVersion) => Some(ReleaseStatus::NeverPublished),
                    // Its own package will show whether its dependencies still resolve.
                    Ok(_) | Err(Refusal::DoesNotBuild(_) | Refusal::Other(_)) => None,
                },
            };
            releases.push((version, status));
        }
    }
    Ok(releases)
}

/// The release that cargo answers with, if the range has one.
pub(super) fn newest(answer: Result<Version, Refusal>) -> Result<Option<Version>, SweepError> {
    match answer {
        Ok(version) => Ok(Some(version)),
        Err(Refusal::NoSuchVersion | Refusal::Yanked) => Ok(None),
        Err(Refusal::DoesNotBuild(why) | Refusal::Other(why)) => Err(SweepError::Cargo(why)),
    }
}
