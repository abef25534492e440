//! hyper 0.14's server on h2 0.3.

use super::adapter::size;
use crate::{
    peer::Transport,
    stacks::{Asked, BoxError, DATE, Profile, Server, Settings, answer, drive::Spawner},
    vocabulary::StackName,
};
use http_02::{Response, header};
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

/// Stubs for settings that later releases added. A builder's own method takes precedence over a trait's: a release that
/// has the setting sets it, and an older one keeps its default.
#[allow(dead_code, reason = "the newest release has all of them")]
trait LaterSettings {
    fn http2_max_pending_accept_reset_streams(&mut self, _: usize) -> &mut Self {
        self
    }

    fn http2_max_local_error_reset_streams(&mut self, _: usize) -> &mut Self {
        self
    }
}

impl LaterSettings for Http<Spawner> {}

async fn respond(mut request: http_02::Request<Body>) -> Result<Response<Body>, BoxError> {
    let mut length = 0;
    while let Some(data) = request.body_mut().data().await {
        length += data?.len();
    }
    let trailers = request.body_mut().trailers().await?;
    let answer = answer(&Asked {
        method: request.method().as_str(),
        target: request.uri(),
        fields: size(request.headers()),
        length,
        trailers: trailers.as_ref().map(size),
    });
    Ok(Response::builder().header(header::DATE, DATE).body(answer.into())?)
}
