//! Applications that take or give no more content than they are told to.

use super::IssuedRequest;
use crate::{
    peer::lock,
    script::{BodyEnd, Reads, Request},
};
use std::{
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

/// How far an application goes with the content of a response that it reads, or of a request that it feeds.
#[derive(Debug)]
pub(crate) struct Pace(Mutex<State>);

#[derive(Debug)]
struct State {
    /// The number of bytes in all.
    bytes: u64,
    /// Whether no more follow.
    is_over: bool,
    waiting: Option<Waker>,
}

impl Pace {
    pub(super) fn new(bytes: u32) -> Arc<Pace> {
        Arc::new(Pace(Mutex::new(State { bytes: bytes.into(), is_over: false, waiting: None })))
    }

    /// The number of bytes that an application with so many goes on with; `None` at their end. It waits for more.
    pub(crate) fn poll_more(&self, done: u64, cx: &mut Context<'_>) -> Poll<Option<u64>> {
        let mut state = lock(&self.0);
        match state.bytes.checked_sub(done) {
            Some(more) if more > 0 => Poll::Ready(Some(more)),
            _ if state.is_over => Poll::Ready(None),
            _ => {
                state.waiting = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    fn goes_on(&self, bytes: u32, is_over: bool) {
        let mut state = lock(&self.0);
        if state.is_over {
            return;
        }
        state.bytes += u64::from(bytes);
        state.is_over = is_over;
        if let Some(waiting) = state.waiting.take() {
            waiting.wake();
        }
    }
}

/// The paces of a script's application, by the numbers of the requests; empty where none is paced.
pub(crate) struct Paces {
    /// Of the readers; none for a response that is read to its end.
    readers: Vec<Option<Arc<Pace>>>,
    /// Of the content of requests; none for content that does not wait for more.
    feeds: Vec<Option<Arc<Pace>>>,
}

impl Paces {
    pub(crate) fn of<'r>(requests: impl IntoIterator<Item = &'r Request> + Clone) -> Paces {
        let reader = |request: &Request| match request.read() {
            Reads::All => None,
            Reads::Bytes(bytes) => Some(Pace::new(bytes)),
        };
        let feed =
            |request: &Request| (request.body().end() == BodyEnd::Never).then(|| Pace::new(request.body().size()));
        Paces {
            readers: in_places(requests.clone().into_iter().map(reader)),
            feeds: in_places(requests.into_iter().map(feed)),
        }
    }

    /// The request with this number, as its application issues it.
    pub(crate) fn issue(&self, number: usize, request: Request) -> IssuedRequest {
        IssuedRequest::new(number, request, self.feeds.get(number).cloned().flatten())
    }

    /// The reader of the response to this request; none if it is read to its end.
    pub(crate) fn reader(&self, number: usize) -> Option<Arc<Pace>> {
        self.readers.get(number).cloned().flatten()
    }

    /// Lets the application read so many more bytes.
    pub(crate) fn read_more(&self, number: usize, bytes: u32) {
        if let Some(Some(reader)) = self.readers.get(number) {
            reader.goes_on(bytes, false);
        }
    }

    /// Lets the application hand over so many more bytes, and perhaps the end.
    pub(crate) fn feed(&self, number: usize, bytes: u32, end: bool) {
        if let Some(Some(feed)) = self.feeds.get(number) {
            feed.goes_on(bytes, end);
        }
    }
}

/// The paces in their places, up to the last one.
fn in_places(paces: impl Iterator<Item = Option<Arc<Pace>>>) -> Vec<Option<Arc<Pace>>> {
    let mut places = Vec::new();
    for (number, pace) in paces.enumerate().filter(|(_, pace)| pace.is_some()) {
        places.resize(number, None);
        places.push(pace);
    }
    places
}
