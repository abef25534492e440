//! A client that is a function from a request to its response.

use super::{ClientInstance, Failure, ResponseFuture};
use crate::{
    stacks::{BoxError, HttpRequest, HttpResponse, IssuedRequest},
    vocabulary::Phase,
};
use std::{future::Future, marker::PhantomData};

/// A function that sends a request of the crate `http`, 0.2 or 1, and gives the response or an error.
pub trait Sends<R>: Send + 'static {
    /// The response.
    type Response: HttpResponse;

    /// Sends the request.
    fn send(&self, request: R) -> impl Future<Output = Result<Self::Response, BoxError>> + Send + 'static;
}

impl<R, Response, Sending, F> Sends<R> for F
where
    Response: HttpResponse,
    Sending: Future<Output = Result<Response, BoxError>> + Send + 'static,
    F: Fn(R) -> Sending + Send + 'static,
{
    type Response = Response;

    fn send(&self, request: R) -> impl Future<Output = Result<Response, BoxError>> + Send + 'static {
        self(request)
    }
}

/// A client made for one script, by its function.
pub struct Function<R, S> {
    origin: String,
    send: S,
    request: PhantomData<fn(R)>,
}

impl<R: HttpRequest, S: Sends<R>> Function<R, S> {
    /// The client that sends requests for this origin by the function.
    pub fn new(origin: &str, send: S) -> Function<R, S> {
        Function { origin: origin.to_owned(), send, request: PhantomData }
    }
}

impl<R: HttpRequest, S: Sends<R>> ClientInstance for Function<R, S> {
    fn send(&self, request: &IssuedRequest) -> ResponseFuture {
        let failed = |phase| move |error| Failure { phase, error, label: None };
        let sending = match R::new(&self.origin, request) {
            Ok(request) => self.send.send(request),
            Err(error) => return Box::pin(async move { Err(failed(Phase::Sending)(error)) }),
        };
        Box::pin(async move {
            let (head, parts) = sending.await.map_err(failed(Phase::Head))?.into_head_and_parts();
            Ok((Some(head), parts))
        })
    }
}
