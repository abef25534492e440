//! hyper 0.14's server on h2 0.3.

use super::adapter::{respond, size};
use crate::{
    peer::Transport,
    stacks::{BoxError, LaterSettings, Profile, Server, Settings, drive::Spawner},
    vocabulary::StackName,
};
use hyper_014::{
    body::{Body, HttpBody},
    server::conn::Http,
    service::service_fn,
};

/// hyper 0.14 on h2 0.3, as a server that reads every request whole and answers with a summary of it.
#[derive(Clone, Copy, Debug)]
pub struct LegacyServer;

impl Server for LegacyServer {
    const NAME: StackName = StackName::Legacy;

    async fn serve(transport: Transport, profile: Profile, spawner: Spawner) -> Result<(), BoxError> {
        let mut http = Http::new().with_executor(spawner);
        http.http2_only(true);
        if profile == Profile::Equal {
            let settings = Settings::EQUAL_OF_SERVERS;
            http.http2_initial_stream_window_size(settings.stream_window)
                .http2_initial_connection_window_size(settings.connection_window)
                .http2_max_frame_size(settings.max_frame_size)
                .http2_max_header_list_size(settings.max_header_list_size)
                .http2_max_send_buf_size(settings.max_send_buffer_size)
                .http2_max_concurrent_streams(settings.max_concurrent_streams)
                .http2_max_pending_accept_reset_streams(settings.max_pending_accept_reset_streams)
                .http2_max_local_error_reset_streams(settings.max_local_error_reset_streams);
        }
        Ok(http.serve_connection(transport, service_fn(respond)).await?)
    }
}

impl LaterSettings for Http<Spawner> {}

/// Reads the content of a request: its length, and the size of the trailers, if there are any.
pub(super) async fn read_whole(body: &mut Body) -> Result<(usize, Option<(usize, usize)>), BoxError> {
    let mut length = 0;
    while let Some(data) = body.data().await {
        length += data?.len();
    }
    Ok((length, body.trailers().await?.as_ref().map(size)))
}
