//! hyper 0.14's server on h2 0.3.

use crate::{
    peer::Transport,
    script::Request,
    stacks::{Asked, BoxError, DATE, Head, Part, Profile, Serving, Settings, Stack, answer, drive::Spawner},
    vocabulary::{Phase, StackName},
};
use http_02::{HeaderMap, Response, header};
use hyper_014::{
    body::{Body, HttpBody},
    server::conn::Http,
    service::service_fn,
};

/// hyper 0.14 on h2 0.3, as a server that reads every request whole and answers with a summary of it.
#[derive(Clone, Copy, Debug)]
pub struct LegacyServer;

impl Stack for LegacyServer {
    type Client = Serving;
    type Body = ();

    const NAME: StackName = StackName::Legacy;
    const IS_SERVER: bool = true;

    async fn connect(transport: Transport, profile: Profile, spawner: Spawner) -> Result<Serving, BoxError> {
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
        let connection = http.serve_connection(transport, service_fn(serve));
        Ok(Serving::new(async { connection.await.map_err(BoxError::from) }))
    }

    async fn send(serving: Serving, _: usize, _: Request) -> Result<(Head, ()), (Phase, BoxError)> {
        serving.end().await
    }

    async fn next_part((): &mut ()) -> Option<Result<Part, BoxError>> {
        None
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

async fn serve(mut request: http_02::Request<Body>) -> Result<Response<Body>, BoxError> {
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

fn size(fields: &HeaderMap) -> (usize, usize) {
    (fields.len(), fields.iter().map(|(name, value)| name.as_str().len() + value.len()).sum())
}
