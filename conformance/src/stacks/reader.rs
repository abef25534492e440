//! Applications that read no more of a response than they are told to.

use crate::{
    peer::lock,
    script::{Reads, Request},
};
use std::{
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

/// An application that reads so much of a response and no more until it is told.
pub(crate) struct Reader {
    state: Mutex<State>,
}

struct State {
    /// The number of bytes that it reads in all.
    wanted: u64,
    waiting: Option<Waker>,
}

impl Reader {
    /// Ready as long as an application that has read so many bytes reads on.
    pub(crate) fn poll_wants_more(&self, read: u64, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = lock(&self.state);
        if read < state.wanted {
            return Poll::Ready(());
        }
        state.waiting = Some(cx.waker().clone());
        Poll::Pending
    }

    fn read_more(&self, bytes: u32) {
        let mut state = lock(&self.state);
        state.wanted += u64::from(bytes);
        if let Some(waiting) = state.waiting.take() {
            waiting.wake();
        }
    }
}

/// The readers of a script, by the numbers of their requests; empty if every response is read to its end.
pub(crate) struct Readers(Vec<Option<Arc<Reader>>>);

impl Readers {
    pub(crate) fn of<'r>(requests: impl IntoIterator<Item = &'r Request> + Clone) -> Readers {
        if requests.clone().into_iter().all(|request| request.read() == Reads::All) {
            return Readers(Vec::new());
        }
        let reader = |request: &Request| match request.read() {
            Reads::All => None,
            Reads::Bytes(bytes) => {
                let state = Mutex::new(State { wanted: bytes.into(), waiting: None });
                Some(Arc::new(Reader { state }))
            }
        };
        Readers(requests.into_iter().map(reader).collect())
    }

    /// The reader of the response to this request; none if it is read to its end.
    pub(crate) fn reader(&self, number: usize) -> Option<Arc<Reader>> {
        self.0.get(number).cloned().flatten()
    }

    /// Lets the application read so many more bytes.
    pub(crate) fn read_more(&self, number: usize, bytes: u32) {
        if let Some(Some(reader)) = self.0.get(number) {
            reader.read_more(bytes);
        }
    }
}
