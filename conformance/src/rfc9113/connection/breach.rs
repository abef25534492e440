use super::Connection;
use crate::{http2::StreamId, rfc9113::clauses::Clause};
use serde::{Deserialize, Serialize};

/// Something that a client did, or failed to do, against the rules.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Breach {
    /// The kind.
    pub fault: Fault,
    /// The rule.
    pub clause: Clause,
    /// The client's frame, counted from its first; none if a frame is missing.
    pub frame: Option<usize>,
    /// The last step that had begun.
    pub step: Option<usize>,
    /// The number of the request that it concerns; none if it concerns the connection.
    pub request: Option<usize>,
    /// What is wrong, in a few words.
    pub what: String,
    /// The stream that it concerns; stream 0 if it concerns the connection.
    pub stream: StreamId,
}

/// The kinds of breaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fault {
    /// A frame that must not be sent.
    Prohibited,
    /// A frame that is due and was not sent, although the client could do no more.
    Owed,
    /// An error code that does not say what is wrong.
    Code,
    /// A request that is not what the application gave.
    Altered,
    /// An end of a stream or of the connection for which nothing gave a reason.
    Reasonless,
    /// Something that could go on, and does not.
    Stuck,
}

impl Connection<'_> {
    /// Records a breach, unless the same is known of the stream. A clause that is broken is met.
    pub(super) fn breach(&mut self, fault: Fault, clause: Clause, stream: StreamId, what: impl FnOnce() -> String) {
        self.meet(clause);
        let known = |breach: &Breach| (breach.fault, breach.clause, breach.stream) == (fault, clause, stream);
        if self.breaches.iter().any(known) {
            return;
        }
        let request = self.streams.iter().find(|known| known.id == stream).and_then(|stream| stream.request);
        let is_missing = matches!(fault, Fault::Owed | Fault::Stuck);
        let frame = (!is_missing).then_some(self.conduct.frames);
        self.breaches.push(Breach { fault, clause, frame, step: self.step, request, what: what(), stream });
    }
}
