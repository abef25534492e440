use serde::{Deserialize, Serialize};
use std::fmt;

/// What a finding is known by from one run to the next, whoever found it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct KnownBy {
    /// What all its cases have in common, in words: the law, and the outcome on both stacks; first the name of a
    /// scenario.
    pub fingerprint: String,
    /// The entries of the ledger that have a trigger in the smallest case, and were repaired in vain.
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
