//! The two generations of the crates, beyond the stacks under test: they give the errors that no HTTP/2 script causes.

use super::{BoxError, Driver, Legacy, Modern, Observation};
use crate::{http2::ErrorCode, script::Script, vocabulary::StackName};
use std::{
    error::Error,
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

/// A generation of the crates: the ways a client can use it, and its errors that need no peer.
pub trait Generation {
    /// Plays the script against the generation when it is used in this way, with equal settings.
    fn observe(&self, via: Via, driver: &Driver, script: &Script) -> Observation;

    /// The name of the error's type if it belongs to the generation, such as "h2 0.3 Error". The laws use it to tell
    /// what a reader should have recognised, so it must not share code with the readers.
    fn own_type(&self, error: &(dyn Error + 'static)) -> Option<&'static str>;

    /// Wraps `inner` in an error of this generation, as an application gets it; `None` if there is no error.
    fn enclose(&self, enclosure: Enclosure, inner: BoxError) -> Option<BoxError>;

    /// The error of a call; `None` if this generation does not give it.
    fn call(&self, call: Call) -> Option<BoxError>;

    /// Puts an error of this generation into a holder of its type; returns any other error as `Err`.
    fn hold(&self, holder: Holder, error: BoxError) -> Result<BoxError, BoxError>;
}

/// The generation of each stack.
pub fn generation(stack: StackName) -> &'static dyn Generation {
    match stack {
        StackName::Legacy => &Legacy,
        StackName::Modern => &Modern,
    }
}

/// A way of using a generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Via {
    /// hyper over HTTP/2: the stack under test.
    Http2,
    /// hyper over HTTP/1.1.
    Http1,
    /// The same, for the error of the connection itself.
    Http1Connection,
    /// h2 without hyper.
    H2,
    /// hyper's connection pool, over HTTP/2.
    Pool,
}

/// A pointer that holds an error as its own type, and forwards `source()` to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// `std::sync::Arc`
    Arc,
    /// `std::boxed::Box`
    Box,
}

impl Holder {
    /// Puts the error into this holder if it is an `E`; returns any other error as `Err`.
    pub fn hold<E: Error + Send + Sync + 'static>(self, error: BoxError) -> Result<BoxError, BoxError> {
        error.downcast::<E>().map(|error| match self {
            Holder::Arc => Box::new(Arc::new(*error)) as BoxError,
            Holder::Box => Box::new(error) as BoxError,
        })
    }
}

/// A place where hyper wraps an error that it was given in one of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Enclosure {
    /// The pool's connector failed with it.
    Connect,
    /// The request's body failed with it, over HTTP/1.1.
    RequestBody,
    /// Reading from the transport failed with it, over HTTP/1.1.
    Read,
}

impl Enclosure {
    /// All of them.
    pub const ALL: [Enclosure; 3] = [Enclosure::Connect, Enclosure::RequestBody, Enclosure::Read];
}

/// A call that fails without a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Call {
    /// An application makes an h2 error from an error code.
    Reason(ErrorCode),
    /// The pool is asked for a URI without an authority.
    RelativeUri,
    /// The pool is asked for an HTTP version that it does not support.
    UnsupportedVersion,
    /// An upgrade is requested from a response that has none.
    NoUpgrade,
    /// A request's content is shorter than its `content-length`.
    ShortBody,
    /// The sender of a body aborted it.
    BodyAborted,
    /// The reader of a body was dropped.
    BodyClosed,
}

/// The output of a future that waits for nothing external; `None` if it does wait.
pub(super) fn settle<F: Future>(future: F) -> Option<F::Output> {
    /// The parts of the future wake each other a few times at most.
    const TURNS: usize = 16;
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    (0..TURNS).find_map(|_| match future.as_mut().poll(&mut context) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    })
}
