use serde::{Deserialize, Serialize};
use std::fmt;

/// What a finding is known by from one run to the next, whether a run or a fuzz target found it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct KnownBy {
    /// The fingerprint of its cases as text. A scenario's name comes first.
    pub fingerprint: String,
    /// The ledger entries with a trigger in the smallest case whose repair does not explain it.
    pub repaired_in_vain: Vec<String>,
}

impl From<String> for KnownBy {
    fn from(fingerprint: String) -> KnownBy {
        KnownBy { fingerprint, repaired_in_vain: Vec::new() }
    }
}

impl fmt::Display for KnownBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.fingerprint)?;
        match &self.repaired_in_vain[..] {
            [] => Ok(()),
            entries => write!(f, ", beside {}", entries.join(", ")),
        }
    }
}
