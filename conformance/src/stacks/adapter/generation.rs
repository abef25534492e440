//! Errors of the stack that wrap other errors, and errors of calls that need no peer.

use super::{
    H2_ERROR, HYPER_ERROR, PoolError, This, h2,
    h2_only::H2,
    http,
    http1::{Http1, Http1Connection},
    hyper,
    hyper::client::conn::http1::handshake,
    pool::Pool,
    pool_builder, sender_call,
};
use crate::{
    http2::ErrorCode,
    peer::Transport,
    script::Script,
    stacks::{
        BoxError, Call, Content, Driver, Enclosure, Generation, Holder, Observation, Once, Profile, Via,
        drive::Spawner, generation::settle,
    },
};
use futures_util::future::join;
use std::{error::Error, io};

impl Generation for This {
    fn observe(&self, via: Via, driver: &Driver, script: &Script) -> Observation {
        match via {
            Via::Http2 => driver.observe::<This>(script, Profile::Equal),
            Via::Http1 => driver.observe::<Http1>(script, Profile::Equal),
            Via::Http1Connection => driver.observe::<Http1Connection>(script, Profile::Equal),
            Via::H2 => driver.observe::<H2>(script, Profile::Equal),
            Via::Pool => driver.observe::<Pool>(script, Profile::Equal),
        }
    }

    fn own_type(&self, error: &(dyn Error + 'static)) -> Option<&'static str> {
        if error.is::<hyper::Error>() {
            return Some(HYPER_ERROR);
        }
        error.is::<h2::Error>().then_some(H2_ERROR)
    }

    fn enclose(&self, enclosure: Enclosure, inner: BoxError) -> Option<BoxError> {
        match enclosure {
            Enclosure::Connect => {
                let request = http::Request::builder().uri("http://peer.test/").body(Content::empty());
                pool_error(Err(inner), request.ok()?)
            }
            Enclosure::RequestBody => post(("host", "peer.test"), Content::ending(Some(inner))),
            Enclosure::Read => {
                // A transport can fail only with an `io::Error`.
                let error = inner.downcast::<io::Error>().map_or_else(io::Error::other, |error| *error);
                http1_error(Transport::without_peer(Some(error)), http::Request::new(Content::empty()))
            }
        }
    }

    fn hold(&self, holder: Holder, error: BoxError) -> Result<BoxError, BoxError> {
        let error = holder.hold::<hyper::Error>(error);
        let error = error.or_else(|error| holder.hold::<h2::Error>(error));
        error.or_else(|error| holder.hold::<PoolError>(error))
    }

    fn call(&self, call: Call) -> Option<BoxError> {
        match call {
            Call::Reason(ErrorCode(code)) => Some(h2::Error::from(h2::Reason::from(code)).into()),
            Call::RelativeUri => pool_error(Ok(Transport::without_peer(None)), http::Request::new(Content::empty())),
            Call::UnsupportedVersion => {
                let mut request = http::Request::new(Content::empty());
                *request.version_mut() = http::Version::HTTP_09;
                pool_error(Ok(Transport::without_peer(None)), request)
            }
            Call::NoUpgrade => {
                let response = http::Response::new(Content::empty());
                settle(hyper::upgrade::on(response))?.err().map(BoxError::from)
            }
            Call::ShortBody => post(("content-length", "10"), Content::ending(None)),
            Call::BodyAborted | Call::BodyClosed => sender_call(call),
        }
    }
}

/// The error of a request to a pool with this connection.
fn pool_error(connection: Result<Transport, BoxError>, request: http::Request<Content>) -> Option<BoxError> {
    let client = pool_builder(Spawner::default()).build(Once::new(connection));
    settle(client.request(request))?.err().map(BoxError::from)
}

/// The error of a POST with this content, over HTTP/1.1.
fn post(field: (&str, &str), content: Content) -> Option<BoxError> {
    let request = http::Request::builder().method("POST").uri("/").header(field.0, field.1).body(content).ok()?;
    http1_error(Transport::without_peer(None), request)
}

/// The error of a request over HTTP/1.1.
fn http1_error(transport: Transport, request: http::Request<Content>) -> Option<BoxError> {
    settle(async {
        let (mut client, connection) = handshake(transport).await.ok()?;
        let response = client.send_request(request);
        drop(client);
        join(response, connection).await.0.err().map(BoxError::from)
    })?
}
