//! Debug assertions of the stacks that a peer can make fail. A build without debug assertions (every release) continues
//! past them. A build with them (a fuzz target with `cargo fuzz run` and no `-O`) loses the task that hit one, and with
//! it the rest of the script's outcome.

/// A debug assertion that can fail without breaking a law.
pub struct Assertion {
    /// The file that contains it, as a panic names it: with the release that is under test.
    pub file: &'static str,
    /// What makes it fail, in one sentence.
    pub about: &'static str,
    /// The corpus file that makes it fail.
    pub corpus: &'static str,
}

/// Every known assertion.
pub const ASSERTIONS: &[Assertion] = &[Assertion {
    file: concat!("h2-", env!("VERSION_H2_03"), "/src/proto/connection.rs"),
    about: "A frame on a stream that the peer has reset returns the peer's error where a library error is expected \
            (poll, debug_assert_eq of the initiator).",
    corpus: "h2-0.3-debug-assertion-connection.rs",
}];

/// Whether there are panics, and every one is a known assertion.
pub fn are_known<'p>(panics: impl IntoIterator<Item = &'p String>) -> bool {
    let mut panics = panics.into_iter().peekable();
    let known = |panic: &String| {
        panic.contains("assertion") && ASSERTIONS.iter().any(|assertion| panic.contains(assertion.file))
    };
    panics.peek().is_some() && panics.all(known)
}
