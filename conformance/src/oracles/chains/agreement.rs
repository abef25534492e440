//! The same error chain gets the same opinion on both stacks.

use super::{ChainOracle, Examination};
use crate::{error_chains::KnownTypes, oracles::Law, vocabulary::StackName};

pub(super) struct Agreement;

impl ChainOracle for Agreement {
    fn law(&self) -> Law {
        Law::Agreement
    }

    fn judge(&self, examination: &Examination<'_>) -> Option<String> {
        let both = examination.examiner.known_types() == KnownTypes::Both && examination.error_chain.is_equivalent();
        if !both || examination.stack != StackName::Legacy {
            return None;
        }
        let modern = examination.examiner.answer(examination.error_chain, StackName::Modern)?;
        let (Ok(legacy), Ok(modern)) = (&examination.answer, &modern) else { return None };
        (legacy != modern)
            .then(|| format!("of the legacy stack's error it says: {legacy}; of the modern one's: {modern}"))
    }
}
