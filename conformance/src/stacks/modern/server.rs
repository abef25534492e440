//! hyper 1's server on h2 0.4.

use super::adapter::{respond, size};
use crate::{
    peer::Transport,
    stacks::{BoxError, LaterSettings, Profile, Server, Settings, drive::Spawner},
    vocabulary::StackName,
};
use bytes::Bytes;
use hyper_1::{
    body::{Body, Incoming},
    server::conn::http2::Builder,
    service::service_fn,
};
use hyper_util::rt::TokioTimer;
use std::{future::poll_fn, pin::Pin};

/// hyper 1 on h2 0.4, as a server that reads every request whole and answers with a summary of it.
#[derive(Clone, Copy, Debug)]
pub struct ModernServer;

impl Server for ModernServer {
    const NAME: StackName = StackName::Modern;

    async fn serve(transport: Transport, profile: Profile, spawner: Spawner) -> Result<(), BoxError> {
        let mut builder = Builder::new(spawner);
        builder.timer(TokioTimer::new());
        if profile == Profile::Equal {
            let settings = Settings::EQUAL_OF_SERVERS;
            builder
                .initial_stream_window_size(settings.stream_window)
                .initial_connection_window_size(settings.connection_window)
                .max_frame_size(settings.max_frame_size)
                .max_header_list_size(settings.max_header_list_size)
                .max_send_buf_size(settings.max_send_buffer_size)
                .max_concurrent_streams(settings.max_concurrent_streams)
                .max_pending_accept_reset_streams(settings.max_pending_accept_reset_streams)
                .max_local_error_reset_streams(settings.max_local_error_reset_streams);
        }
        Ok(builder.serve_connection(transport, service_fn(respond)).await?)
    }
}

impl LaterSettings for Builder<Spawner> {}

/// Reads the content of a request: its length, and the size of the trailers, if there are any.
pub(super) async fn read_whole(body: &mut Incoming) -> Result<(usize, Option<(usize, usize)>), BoxError> {
    let (mut length, mut trailers) = (0, None);
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await {
        let frame = frame?;
        length += frame.data_ref().map_or(0, Bytes::len);
        trailers = frame.trailers_ref().map(size).or(trailers);
    }
    Ok((length, trailers))
}
