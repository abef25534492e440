//! The two generations of the crates beyond the stacks under test: where the errors come from that no script over HTTP/2
//! makes.

use super::{BoxError, Stack};
use crate::{chain::StackName, http2::ErrorCode};
use std::{
    error::Error,
    future::Future,
    io,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

/// A generation of the crates: the ways in which a client can use them, and the errors that need no peer.
pub trait Generation: 'static {
    /// Which stack it belongs to.
    const NAME: StackName;

    /// hyper over HTTP/2: the stack under test.
    type Http2: Stack;
    /// hyper over HTTP/1.1.
    type Http1: Stack;
    /// The same, for what the connection itself ends with.
    type Http1Connection: Stack;
    /// h2 without hyper.
    type H2: Stack;
    /// hyper's pool of connections.
    type Pool: Stack;

    /// The error that the generation puts around another one, as its application gets it; `None` if it comes to none.
    fn enclose(enclosure: Enclosure, inner: BoxError) -> Option<BoxError>;

    /// The error of a call; `None` if the generation has none.
    fn call(call: Call) -> Option<BoxError>;

    /// An error of this generation in a holder of its own type; any other comes back.
    fn hold(holder: Holder, error: BoxError) -> Result<BoxError, BoxError>;
}

/// What holds an error as its own type, and forwards `source()` to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// `std::sync::Arc`
    Arc,
    /// `std::boxed::Box`
    Box,
}

impl Holder {
    /// The error in this holder if it is an `E`; any other comes back.
    pub fn hold<E: Error + Send + Sync + 'static>(self, error: BoxError) -> Result<BoxError, BoxError> {
        error.downcast::<E>().map(|error| match self {
            Holder::Arc => Box::new(Arc::new(*error)) as BoxError,
            Holder::Box => Box::new(error) as BoxError,
        })
    }
}

/// Where a client puts an error of its own around one that it was given.
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
    /// An application makes h2's error of a code.
    Reason(ErrorCode),
    /// The pool is asked for a URI without an authority.
    RelativeUri,
    /// The pool is asked for a version of HTTP that it does not speak.
    UnsupportedVersion,
    /// A response that is no upgrade is asked for one.
    NoUpgrade,
    /// A request's content is shorter than its `content-length`.
    ShortBody,
    /// The sender of a body gave it up.
    BodyAborted,
    /// The reader of a body is gone.
    BodyClosed,
}

/// What a future comes to that waits for nothing outside of it; `None` if it does.
pub(super) fn settle<F: Future>(future: F) -> Option<F::Output> {
    /// Its parts wake each other, a few times at most.
    const TURNS: usize = 16;
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    (0..TURNS).find_map(|_| match future.as_mut().poll(&mut context) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    })
}

/// An error as a transport can give it.
pub(super) fn into_io(error: BoxError) -> io::Error {
    error.downcast::<io::Error>().map_or_else(io::Error::other, |error| *error)
}
