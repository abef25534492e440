//! Ranges of versions, as the sweep is asked for them.

use semver::Version;
use std::{fmt, str::FromStr};

/// A range of versions, both ends included.
///
/// ```
/// use conformance_cli::sweep::Range;
///
/// let range: Range = "0.4.5..0.4.9".parse().unwrap();
/// assert!(range.contains(&"0.4.9".parse().unwrap()));
/// // A part that is left out can be anything: `0.4` is every 0.4.x, `0.4.5..` everything from 0.4.5 on.
/// assert!("0.4".parse::<Range>().unwrap().contains(&"0.4.20".parse().unwrap()));
/// assert!(!"0.4.5..".parse::<Range>().unwrap().contains(&"0.4.4".parse().unwrap()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// The lowest version.
    pub low: Version,
    /// The highest version.
    pub high: Version,
}

/// Why a text is not a range of versions.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRange {
    /// One of its ends is not a version.
    #[error("`{0}` is no version: ranges are `0.4.5`, `0.4`, `0.4.5..0.4.9`, `0.4.5..` or `..0.4.9`")]
    NoVersion(String),
    /// Its ends are in the wrong order.
    #[error("{0} comes after {1}, so no version is in this range")]
    Reversed(Version, Version),
}

impl Range {
    /// Every version.
    pub const ALL: Range = Range { low: Version::new(0, 0, 0), high: Version::new(u64::MAX, u64::MAX, u64::MAX) };

    /// Whether this version is in it. Pre-releases are in no range.
    pub fn contains(&self, version: &Version) -> bool {
        version.pre.is_empty() && (&self.low..=&self.high).contains(&version)
    }

    /// The versions that are in both; `None` if there are none.
    pub fn intersection(&self, other: &Range) -> Option<Range> {
        let low = self.low.clone().max(other.low.clone());
        let high = self.high.clone().min(other.high.clone());
        (low <= high).then_some(Range { low, high })
    }

    /// The versions that begin with these one to three numbers.
    fn beginning(text: &str) -> Result<Range, InvalidRange> {
        let invalid = || InvalidRange::NoVersion(text.to_owned());
        let numbers: Vec<u64> = text.split('.').map(str::parse).collect::<Result<_, _>>().map_err(|_| invalid())?;
        match numbers[..] {
            [major] => Ok(Range::of_major(major)),
            [major, minor] => Ok(Range::of_minor(major, minor)),
            [major, minor, patch] => Ok(Range::one(Version::new(major, minor, patch))),
            _ => Err(invalid()),
        }
    }

    /// This version alone.
    pub fn one(version: Version) -> Range {
        Range { low: version.clone(), high: version }
    }

    /// All versions of a major version.
    pub const fn of_major(major: u64) -> Range {
        Range { low: Version::new(major, 0, 0), high: Version::new(major, u64::MAX, u64::MAX) }
    }

    /// All versions of a minor version.
    pub const fn of_minor(major: u64, minor: u64) -> Range {
        Range { low: Version::new(major, minor, 0), high: Version::new(major, minor, u64::MAX) }
    }
}

impl FromStr for Range {
    type Err = InvalidRange;

    fn from_str(text: &str) -> Result<Range, InvalidRange> {
        let Some((low, high)) = text.split_once("..") else {
            return Range::beginning(text.strip_suffix(".x").unwrap_or(text));
        };
        let low = if low.is_empty() { Range::ALL.low } else { Range::beginning(low)?.low };
        let high = if high.is_empty() { Range::ALL.high } else { Range::beginning(high)?.high };
        if low > high { Err(InvalidRange::Reversed(low, high)) } else { Ok(Range { low, high }) }
    }
}

/// The range as a requirement for cargo.
impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, ">={}", self.low)?;
        let Version { major, minor, patch, .. } = self.high;
        match (major, minor, patch) {
            (u64::MAX, ..) => Ok(()),
            (_, u64::MAX, _) => write!(f, ", <{}.0.0", major + 1),
            (.., u64::MAX) => write!(f, ", <{major}.{}.0", minor + 1),
            _ => write!(f, ", <={}", self.high),
        }
    }
}
