//! Readers and decisions that are wrong on purpose, for the tests that show that the suite catches them.

use conformance::{
    chain::{Chain, H2Link, Link, Origin},
    classifiers::{ChainClassifier, Classifiers, Legacy, Modern, OWN_CLASSIFIERS, Reader, Verdict, decide},
    http2::ErrorCode,
    vocabulary::{Phase, StackName},
};
use std::error::Error;

type Caught<'e> = &'e (dyn Error + 'static);

/// The original fault: it looks for h2 0.4's error in hyper 0.14's chain.
pub(crate) struct CrossedH2;

impl Reader for CrossedH2 {
    fn link(&self, error: Caught<'_>) -> Link {
        if error.is::<h2_03::Error>() { Modern.link(error) } else { Legacy.link(error) }
    }

    fn inner<'e>(&self, error: Caught<'e>) -> Option<Caught<'e>> {
        Legacy.inner(error)
    }
}

/// Takes every error of h2 for an error that the peer sent: `is_go_away` without `is_remote`.
pub(crate) struct IgnoresRemote<R>(pub(crate) R);

impl<R: Reader> Reader for IgnoresRemote<R> {
    fn link(&self, error: Caught<'_>) -> Link {
        match self.0.link(error) {
            Link::H2(h2) if h2.reason.is_some() => Link::H2(H2Link { origin: Origin::Remote, ..h2 }),
            other => other,
        }
    }

    fn inner<'e>(&self, error: Caught<'e>) -> Option<Caught<'e>> {
        self.0.inner(error)
    }
}

/// Follows `source()` alone and opens nothing, and so misses the I/O error inside h2's.
pub(crate) struct SourceOnly<R>(pub(crate) R);

impl<R: Reader> Reader for SourceOnly<R> {
    fn link(&self, error: Caught<'_>) -> Link {
        self.0.link(error)
    }

    fn inner<'e>(&self, error: Caught<'e>) -> Option<Caught<'e>> {
        error.source()
    }
}

/// The error code of a second fault, planted after a ledger entry's trigger.
pub(crate) const MARK: ErrorCode = ErrorCode(0x5eed);

/// Reads an error that the peer sent with [`MARK`] as an error of the library.
pub(crate) struct MisreadsMark;

impl Reader for MisreadsMark {
    fn link(&self, error: Caught<'_>) -> Link {
        match Legacy.link(error) {
            Link::H2(h2) if h2.reason == Some(MARK) => Link::H2(H2Link { origin: Origin::Library, ..h2 }),
            other => other,
        }
    }

    fn inner<'e>(&self, error: Caught<'e>) -> Option<Caught<'e>> {
        Legacy.inner(error)
    }
}

/// Our classifiers, with this reader for the legacy stack.
pub(crate) fn legacy_reader(reader: &'static dyn Reader) -> Classifiers {
    OWN_CLASSIFIERS.with(StackName::Legacy, ChainClassifier { reader, decide })
}

/// Our classifiers, with this reader for the modern stack.
pub(crate) fn modern_reader(reader: &'static dyn Reader) -> Classifiers {
    OWN_CLASSIFIERS.with(StackName::Modern, ChainClassifier { reader, decide })
}

/// Our classifiers, with this decision on both stacks.
pub(crate) fn decision(decide: fn(&Chain, Phase) -> Verdict) -> Classifiers {
    Classifiers::of(|stack| ChainClassifier { decide, ..OWN_CLASSIFIERS[stack] })
}
