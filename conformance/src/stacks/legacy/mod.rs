//! hyper 0.14 on h2 0.3, through `hyper::client::conn::http2`.
//!
//! `adapter` uses the crates by the names that the imports below give them.

#[path = "../adapter/mod.rs"]
mod adapter;
mod server;

pub use server::LegacyServer;

use super::{BoxError, Call, Content, Part, drive::Spawner, generation::settle};
use crate::vocabulary::StackName;
use Legacy as This;
use adapter::{fields, trailers};
use bytes::{Buf, Bytes};
use h2_03 as h2;
use http_02 as http;
use hyper_014 as hyper;
use hyper_014::{
    Error as PoolError,
    body::{Body as Incoming, HttpBody, HttpBody as AnyBody, SizeHint},
    client::{self, conn::http2::Builder as Http2Builder},
};
use std::{
    pin::Pin,
    task::{Context, Poll},
};

/// hyper 0.14 on h2 0.3.
#[derive(Clone, Copy, Debug)]
pub struct Legacy;

const NAME: StackName = StackName::Legacy;
const HYPER_ERROR: &str = "hyper 0.14 Error";
const H2_ERROR: &str = "h2 0.3 Error";

fn http2_builder(spawner: Spawner) -> Http2Builder {
    Http2Builder::new(spawner)
}

fn pool_builder(spawner: Spawner) -> client::Builder {
    let mut builder = client::Client::builder();
    builder.executor(spawner);
    builder
}

/// The bytes of a tunnel, in the traits of tokio.
fn tunnel_io(upgraded: hyper::upgrade::Upgraded) -> hyper::upgrade::Upgraded {
    upgraded
}

async fn next_part<B>(body: &mut B) -> Option<Result<Part, BoxError>>
where
    B: AnyBody<Error: Into<BoxError>> + Unpin,
{
    if let Some(data) = body.data().await {
        return Some(data.map(|mut data| Part::Data(data.copy_to_bytes(data.remaining()))).map_err(Into::into));
    }
    // A reader such as `hyper::body::to_bytes` takes the body as complete here. An error from the trailers comes too late
    // to change that.
    let trailers = body.trailers().await.ok()?;
    trailers.map(|trailers| Ok(Part::Trailers(fields(&trailers))))
}

/// The error of a call on a body and its sender.
fn sender_call(call: Call) -> Option<BoxError> {
    let (mut sender, mut body) = Incoming::channel();
    if call == Call::BodyAborted {
        sender.abort();
        return settle(body.data())??.err().map(BoxError::from);
    }
    drop(body);
    settle(sender.send_data(Bytes::from_static(b".")))?.err().map(BoxError::from)
}

impl HttpBody for Content {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_data(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>> {
        self.poll_piece(cx)
    }

    fn poll_trailers(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<Option<http::HeaderMap>, BoxError>> {
        Poll::Ready(Ok(trailers(&mut self)))
    }

    fn is_end_stream(&self) -> bool {
        self.is_complete()
    }

    fn size_hint(&self) -> SizeHint {
        self.exact_size().map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}
