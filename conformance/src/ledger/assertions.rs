//! Debug assertions of the stacks that a peer can make fail. A build without them (every release) goes on as though they
//! were not there; a build with them (a fuzz target with `cargo fuzz run` and no `-O`) loses the task that ran into one,
//! and with it whatever the script would have come to.

use crate::comparison::Comparison;

/// A debug assertion that can fail, and no law with it.
pub struct Assertion {
    /// The file that it stands in, as a panic names it.
    pub file: &'static str,
    /// What makes it fail, in one sentence.
    pub about: &'static str,
    /// The corpus file that does.
    pub corpus: &'static str,
}

/// Every one that is known.
pub const ASSERTIONS: &[Assertion] = &[Assertion {
    file: "h2-0.3.27/src/proto/connection.rs",
    about: "A frame on a stream that the peer has reset gives the peer's error, where one of the library's own is \
            expected (poll, debug_assert_eq of the initiator).",
    corpus: "h2-0.3-debug-assertion-connection.rs",
}];

/// Whether a stack panicked in this comparison, and all that it panicked with are known assertions.
pub fn is_known(comparison: &Comparison) -> bool {
    are_known(comparison.sides().into_iter().flat_map(|side| &side.observation.panics))
}

/// Whether there are panics, and all of them are known assertions.
pub fn are_known<'p>(panics: impl IntoIterator<Item = &'p String>) -> bool {
    let mut panics = panics.into_iter().peekable();
    let known = |panic: &String| {
        panic.contains("assertion") && ASSERTIONS.iter().any(|assertion| panic.contains(assertion.file))
    };
    panics.peek().is_some() && panics.all(known)
}
