//! The tunnel of a CONNECT request (RFC 9113 §8.5): behind a response with a status of 2xx, DATA frames carry bytes in
//! both directions.

use super::{Incoming, http, hyper, tunnel_io};
use crate::stacks::{BoxError, Content, Part, drive::Spawner};
use bytes::BytesMut;
use futures_util::{
    FutureExt,
    future::{AbortHandle, abortable},
};
use std::future::poll_fn;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, split};

/// The application's end of a tunnel, from which it reads. Its content is written beside, until the tunnel is dropped
/// before its end.
pub struct Tunnel {
    reader: ReadHalf<Box<dyn TunnelIo>>,
    writing: Option<AbortHandle>,
}

/// The bytes of a tunnel in both directions.
pub(super) trait TunnelIo: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> TunnelIo for T {}

impl Tunnel {
    /// Takes the tunnel out of a response, and writes this content into it.
    pub(super) async fn open(
        response: http::Response<Incoming>,
        content: Content,
        spawner: &Spawner,
    ) -> Result<Tunnel, BoxError> {
        let upgraded: Box<dyn TunnelIo> = Box::new(tunnel_io(hyper::upgrade::on(response).await?));
        let (reader, writer) = split(upgraded);
        let (writing, handle) = abortable(write(writer, content));
        spawner.spawn(writing.map(|_| ()));
        Ok(Tunnel { reader, writing: Some(handle) })
    }

    /// The next bytes from the peer; `None` once it has ended its side. The application's side goes on.
    pub(super) async fn next_part(&mut self) -> Option<Result<Part, BoxError>> {
        const PIECE: usize = 16 << 10;
        let mut bytes = BytesMut::with_capacity(PIECE);
        match self.reader.read_buf(&mut bytes).await {
            Ok(0) => {
                self.writing = None;
                None
            }
            Ok(_) => Some(Ok(Part::Data(bytes.freeze()))),
            Err(error) => Some(Err(error.into())),
        }
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        self.writing.iter().for_each(AbortHandle::abort);
    }
}

/// Writes the content, and then ends the application's side.
async fn write(mut writer: impl AsyncWrite + Unpin, mut content: Content) {
    while let Some(Ok(piece)) = poll_fn(|cx| content.poll_piece(cx)).await {
        if writer.write_all(&piece).await.is_err() {
            return;
        }
    }
    // The reader tells what is wrong with the tunnel.
    let _ = writer.shutdown().await;
}
