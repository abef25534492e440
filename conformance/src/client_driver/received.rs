//! What an application received, if its client tells only the size and a digest of it.

use crate::{http2::hpack::Field, stacks::ObservedRequest};

/// What is known of a response that a client does not show byte for byte.
#[derive(Clone, Debug)]
pub struct Received {
    /// The number of bytes of content.
    pub size: usize,
    /// A digest of them.
    pub digest: Vec<u8>,
    /// Makes such a digest.
    pub digest_of: fn(&[u8]) -> Vec<u8>,
    /// Whether the field lines of the head are not told.
    pub hides_fields: bool,
}

impl Received {
    /// Completes what was observed of a request, by what its peer sent in answer to it and by the answer of a `later`
    /// server. Content that is neither, nor the start of one, nor the second behind a start of the first, becomes bytes
    /// that nobody sent.
    pub fn complete(&self, observed: &mut ObservedRequest, fields: &[Field], sent: &[u8], later: &[u8]) {
        /// No content of a script or of the later server has this byte.
        const NEVER_SENT: u8 = b'?';
        if let Some(head) = observed.head.as_mut().filter(|_| self.hides_fields) {
            head.headers = fields.to_vec();
        }
        let start = |of: &[u8]| of.get(..self.size).map(<[u8]>::to_vec);
        let before_later = self.size.checked_sub(later.len()).and_then(|before| sent.get(..before));
        let both = before_later.map(|before| [before, later].concat());
        let mut known = [start(sent), start(later), both].into_iter().flatten();
        let content = known.find(|content| (self.digest_of)(content) == self.digest);
        observed.body = content.unwrap_or_else(|| vec![NEVER_SENT; self.size]);
    }
}
