//! Whatever the chain, the classifier comes to an end and does not panic.

use super::{ChainOracle, Examination};
use crate::oracles::Law;

pub(super) struct Liveness;

impl ChainOracle for Liveness {
    fn law(&self) -> Law {
        Law::Liveness
    }

    fn judge(&self, examination: &Examination<'_>) -> Option<String> {
        let panic = examination.answer.as_ref().err()?;
        Some(format!("it panics: {panic}"))
    }
}
