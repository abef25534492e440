//! Sends a request so that it comes back if the connection did not take it, as connection pools do. hyper 1 can since
//! 1.4: `try_send_request`. A type's own method takes precedence over a trait's, so other releases get the stubs below.

use super::{Incoming, http, hyper, hyper::client::conn::http2::SendRequest};
use crate::{
    stacks::{Content, Unanswered},
    vocabulary::Phase,
};
use std::future::Future;

/// Sends the request, and waits for the head of its response.
pub(super) fn send(
    client: &mut SendRequest<Content>,
    request: http::Request<Content>,
) -> impl Future<Output = Result<http::Response<Incoming>, Unanswered>> + use<> {
    let response = client.try_send_request(request);
    async {
        response.await.map_err(|mut failure| {
            let handed_back = failure.take_message().into_handed_back();
            Unanswered { phase: Phase::Head, error: failure.into_error().into(), handed_back }
        })
    }
}

#[allow(dead_code, reason = "releases that hand requests back have these methods")]
trait TrySend {
    fn try_send_request(
        &mut self,
        request: http::Request<Content>,
    ) -> impl Future<Output = Result<http::Response<Incoming>, hyper::Error>> + use<Self>;
}

impl TrySend for SendRequest<Content> {
    fn try_send_request(
        &mut self,
        request: http::Request<Content>,
    ) -> impl Future<Output = Result<http::Response<Incoming>, hyper::Error>> + use<> {
        self.send_request(request)
    }
}

#[allow(dead_code, reason = "releases that hand requests back have these methods")]
trait TakeMessage: Sized {
    fn take_message(&mut self) -> Never;
    fn into_error(self) -> Self;
}

impl TakeMessage for hyper::Error {
    fn take_message(&mut self) -> Never {
        Never
    }

    fn into_error(self) -> Self {
        self
    }
}

/// The message of a release that hands none back.
struct Never;

/// The message that came back with an error.
trait Message {
    /// Whether it is there; `None` if no request is ever handed back.
    fn into_handed_back(self) -> Option<bool>;
}

impl Message for Never {
    fn into_handed_back(self) -> Option<bool> {
        None
    }
}

impl<T> Message for Option<T> {
    fn into_handed_back(self) -> Option<bool> {
        Some(self.is_some())
    }
}
