//! hyper 1 on h2 0.4, through `hyper::client::conn::http2`.

pub mod healthy_server;

mod enclose;
mod h2;
mod http1;
mod pool;
mod server;

pub use server::ModernServer;

use super::{BodyFailed, BoxError, Content, Head, Part, Profile, Settings, Stack, drive::Spawner};
use crate::{
    http2::hpack::Field,
    peer::Transport,
    script::Request,
    vocabulary::{Phase, StackName},
};
use bytes::Bytes;
use http_1::{HeaderMap, Version};
use hyper_1::{
    body::{Body, Frame, Incoming, SizeHint},
    client::conn::http2::{Builder, SendRequest},
    rt::Executor,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

/// hyper 1 on h2 0.4.
#[derive(Clone, Copy, Debug)]
pub struct Modern;

impl Stack for Modern {
    type Client = SendRequest<Content>;
    type Body = Incoming;

    const NAME: StackName = StackName::Modern;

    async fn connect(transport: Transport, profile: Profile, spawner: Spawner) -> Result<Self::Client, BoxError> {
        let mut builder = Builder::new(spawner.clone());
        builder.timer(TokioTimer::new());
        if profile == Profile::Equal {
            let settings = Settings::EQUAL;
            builder
                .initial_stream_window_size(settings.stream_window)
                .initial_connection_window_size(settings.connection_window)
                .max_frame_size(settings.max_frame_size)
                .max_header_list_size(settings.max_header_list_size)
                .max_concurrent_reset_streams(settings.max_concurrent_reset_streams)
                .reset_stream_duration(settings.reset_stream_duration)
                .max_send_buf_size(settings.max_send_buffer_size)
                .initial_max_send_streams(settings.initial_max_send_streams)
                .keep_alive_interval(settings.keep_alive_interval)
                .keep_alive_timeout(settings.keep_alive_timeout);
        }
        let (client, connection) = builder.handshake(TokioIo::new(transport)).await?;
        spawner.spawn(async { drop(connection.await) });
        Ok(client)
    }

    async fn send(
        mut client: Self::Client,
        number: usize,
        request: Request,
    ) -> Result<(Head, Incoming), (Phase, BoxError)> {
        let request = self::request(number, &request).map_err(|error| (Phase::Sending, error))?;
        client.ready().await.map_err(|error| (Phase::Sending, error.into()))?;
        let response = client.send_request(request).await.map_err(|error| (Phase::Head, error.into()))?;
        Ok(head_and_body(response))
    }

    async fn next_part(body: &mut Incoming) -> Option<Result<Part, BoxError>> {
        match poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await? {
            Ok(frame) => Some(Ok(match frame.into_data() {
                Ok(data) => Part::Data(data),
                Err(frame) => Part::Trailers(frame.trailers_ref().map(fields).unwrap_or_default()),
            })),
            Err(error) => Some(Err(error.into())),
        }
    }
}

/// Stubs for settings that later releases added. A builder's own method takes precedence over a trait's: a release that
/// has the setting sets it, and an older one keeps its default.
#[allow(dead_code, reason = "the newest release has all of them")]
trait LaterSettings {
    fn max_header_list_size(&mut self, _: u32) -> &mut Self {
        self
    }

    fn reset_stream_duration(&mut self, _: Duration) -> &mut Self {
        self
    }

    fn initial_max_send_streams(&mut self, _: usize) -> &mut Self {
        self
    }
}

impl LaterSettings for Builder<Spawner> {}

fn request(number: usize, request: &Request) -> Result<http_1::Request<Content>, BoxError> {
    let builder = http_1::Request::builder().version(Version::HTTP_2);
    with_content(builder.uri(format!("http://peer.test/{number}")), request)
}

fn with_content(builder: http_1::request::Builder, request: &Request) -> Result<http_1::Request<Content>, BoxError> {
    let mut builder = builder.method(request.method().name());
    for (name, value) in request.headers() {
        builder = builder.header(name, value);
    }
    Ok(builder.body(Content::new(request.body()))?)
}

fn head_and_body<B>(response: http_1::Response<B>) -> (Head, B) {
    let head = Head { status: response.status().as_u16(), headers: fields(response.headers()) };
    (head, response.into_body())
}

fn fields(headers: &HeaderMap) -> Vec<Field> {
    let text = |value: &http_1::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Spawner {
    fn execute(&self, task: F) {
        self.spawn(task);
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = BodyFailed;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyFailed>>> {
        self.poll_piece().map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.is_complete()
    }

    fn size_hint(&self) -> SizeHint {
        self.exact_size().map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}
