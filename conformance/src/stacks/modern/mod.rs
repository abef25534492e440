//! hyper 1 on h2 0.4, through `hyper::client::conn::http2`.
//!
//! `adapter` uses the crates by the names that the imports below give them.

pub mod later_server;

#[path = "../adapter/mod.rs"]
mod adapter;
mod server;

pub use server::ModernServer;

use super::{BoxError, Call, Content, Io, Part, drive::Spawner};
use crate::{peer::Transport, vocabulary::StackName};
use Modern as This;
use adapter::{fields, trailers};
use bytes::{Buf, Bytes};
use h2_04 as h2;
use http_1 as http;
use hyper_1 as hyper;
use hyper_1::{
    body::{Body, Body as AnyBody, Frame, Incoming, SizeHint},
    rt::{Read, ReadBufCursor, Write},
};
use hyper_util::{
    client::legacy::{self as client, Error as PoolError},
    rt::{TokioIo, TokioTimer},
};
use std::{
    future::poll_fn,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::io::AsyncWrite;

/// hyper 1 on h2 0.4.
#[derive(Clone, Copy, Debug)]
pub struct Modern;

const NAME: StackName = StackName::Modern;
const HYPER_ERROR: &str = "hyper 1 Error";
const H2_ERROR: &str = "h2 0.4 Error";

type Http2Builder = hyper::client::conn::http2::Builder<Spawner>;

fn http2_builder(spawner: Spawner) -> Http2Builder {
    let mut builder = Http2Builder::new(spawner);
    builder.timer(TokioTimer::new());
    builder
}

fn pool_builder(spawner: Spawner) -> client::Builder {
    client::Client::builder(spawner)
}

/// The bytes of a tunnel, in the traits of tokio.
fn tunnel_io(upgraded: hyper::upgrade::Upgraded) -> TokioIo<hyper::upgrade::Upgraded> {
    TokioIo::new(upgraded)
}

async fn next_part<B>(body: &mut B) -> Option<Result<Part, BoxError>>
where
    B: AnyBody<Error: Into<BoxError>> + Unpin,
{
    match poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await? {
        Ok(frame) => Some(Ok(match frame.into_data() {
            Ok(mut data) => Part::Data(data.copy_to_bytes(data.remaining())),
            Err(frame) => Part::Trailers(frame.trailers_ref().map(fields).unwrap_or_default()),
        })),
        Err(error) => Some(Err(error.into())),
    }
}

/// hyper 1 has no public body with a sender.
fn sender_call(_: Call) -> Option<BoxError> {
    None
}

impl Body for Content {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let piece = ready!(self.poll_piece(cx)).map(|piece| piece.map(Frame::data));
        Poll::Ready(piece.or_else(|| trailers(&mut self).map(|trailers| Ok(Frame::trailers(trailers)))))
    }

    fn is_end_stream(&self) -> bool {
        self.is_complete()
    }

    fn size_hint(&self) -> SizeHint {
        self.exact_size().map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}

/// hyper 1 has its own traits for transports. Early releases of its pool do not accept a `TokioIo` as a connection.
macro_rules! transport {
    ($transport:ty) => {
        impl Read for $transport {
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buffer: ReadBufCursor<'_>,
            ) -> Poll<io::Result<()>> {
                Pin::new(&mut TokioIo::new(self.get_mut())).poll_read(cx, buffer)
            }
        }

        impl Write for $transport {
            fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
                AsyncWrite::poll_write(self, cx, bytes)
            }

            fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                AsyncWrite::poll_flush(self, cx)
            }

            fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                AsyncWrite::poll_shutdown(self, cx)
            }
        }
    };
}

transport!(Transport);
// For the connectors of clients that are built on the pool.
transport!(Box<dyn Io>);
