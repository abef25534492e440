//! Errors of hyper 0.14 that wrap other errors, and errors of calls that need no peer.

use super::{Legacy, http1, pool::Connector};
use crate::{
    http2::ErrorCode,
    stacks::{
        BoxError, Call, Enclosure, Generation, Holder,
        generation::{into_io, settle},
        transport::Failing,
    },
    vocabulary::StackName,
};
use bytes::Bytes;
use futures_util::future::join;
use hyper_014::{
    Body, Client,
    body::HttpBody,
    client::{
        conn::http1::handshake,
        connect::{Connected, Connection},
    },
};
use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

impl Generation for Legacy {
    const NAME: StackName = StackName::Legacy;

    type Http2 = Legacy;
    type Http1 = http1::Http1;
    type Http1Connection = http1::Http1Connection;
    type H2 = super::h2::H2;
    type Pool = super::pool::Pool;

    fn enclose(enclosure: Enclosure, inner: BoxError) -> Option<BoxError> {
        match enclosure {
            Enclosure::Connect => connect_fails(inner),
            Enclosure::RequestBody => post(("host", "peer.test"), FailingBody(Some(inner))),
            Enclosure::Read => read_fails(into_io(inner)),
        }
    }

    fn hold(holder: Holder, error: BoxError) -> Result<BoxError, BoxError> {
        holder.hold::<hyper_014::Error>(error).or_else(|error| holder.hold::<h2_03::Error>(error))
    }

    fn call(call: Call) -> Option<BoxError> {
        match call {
            Call::Reason(ErrorCode(code)) => Some(h2_03::Error::from(h2_03::Reason::from(code)).into()),
            Call::RelativeUri => {
                let client = Client::builder().build::<_, Body>(Connector::<Failing>::once(Ok(Failing::default())));
                settle(client.request(http_02::Request::new(Body::empty())))?.err().map(BoxError::from)
            }
            Call::UnsupportedVersion => {
                let client = Client::builder().build::<_, Body>(Connector::<Failing>::once(Ok(Failing::default())));
                let mut request = http_02::Request::new(Body::empty());
                *request.version_mut() = http_02::Version::HTTP_09;
                settle(client.request(request))?.err().map(BoxError::from)
            }
            Call::NoUpgrade => {
                let response = http_02::Response::new(Body::empty());
                settle(hyper_014::upgrade::on(response))?.err().map(BoxError::from)
            }
            Call::ShortBody => post(("content-length", "10"), FailingBody(None)),
            Call::BodyAborted => {
                let (sender, mut body) = Body::channel();
                sender.abort();
                settle(body.data())??.err().map(BoxError::from)
            }
            Call::BodyClosed => {
                let (mut sender, body) = Body::channel();
                drop(body);
                settle(sender.send_data(Bytes::from_static(b".")))?.err().map(BoxError::from)
            }
        }
    }
}

fn connect_fails(inner: BoxError) -> Option<BoxError> {
    let client = Client::builder().build::<_, Body>(Connector::<Failing>::once(Err(inner)));
    let request = http_02::Request::builder().uri("http://peer.test/").body(Body::empty()).ok()?;
    settle(client.request(request))?.err().map(BoxError::from)
}

/// The error of a POST with this body, over HTTP/1.1.
fn post(field: (&str, &str), body: FailingBody) -> Option<BoxError> {
    settle(async {
        let (mut client, connection) = handshake(Failing::default()).await.ok()?;
        let request = http_02::Request::builder().method("POST").uri("/").header(field.0, field.1).body(body).ok()?;
        let response = client.send_request(request);
        drop(client);
        join(response, connection).await.0.err().map(BoxError::from)
    })?
}

fn read_fails(inner: io::Error) -> Option<BoxError> {
    settle(async {
        let (mut client, connection) = handshake::<_, Body>(Failing::with(inner)).await.ok()?;
        let response = client.send_request(http_02::Request::new(Body::empty()));
        drop(client);
        join(response, connection).await.0.err().map(BoxError::from)
    })?
}

/// A request body that fails at once, or ends at once.
struct FailingBody(Option<BoxError>);

impl HttpBody for FailingBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_data(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>> {
        Poll::Ready(self.0.take().map(Err))
    }

    fn poll_trailers(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<Option<http_02::HeaderMap>, BoxError>> {
        Poll::Ready(Ok(None))
    }
}

impl Connection for Failing {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}
