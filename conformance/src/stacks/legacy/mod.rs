//! hyper 0.14 on h2 0.3, through `hyper::client::conn::http2`.

mod enclose;
mod h2;
mod http1;
mod pool;
mod server;

pub use server::LegacyServer;

use super::{BodyFailed, BoxError, Content, Head, Part, Profile, Settings, Stack, drive::Spawner};
use crate::{
    http2::hpack::Field,
    peer::Transport,
    script::Request,
    vocabulary::{Phase, StackName},
};
use bytes::Bytes;
use http_02::{HeaderMap, Version};
use hyper_014::{
    body::{Body, HttpBody, SizeHint},
    client::conn::http2::{Builder, SendRequest},
    rt::Executor,
};
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

/// hyper 0.14 on h2 0.3.
#[derive(Clone, Copy, Debug)]
pub struct Legacy;

impl Stack for Legacy {
    type Client = SendRequest<Content>;
    type Body = Body;

    const NAME: StackName = StackName::Legacy;

    async fn connect(transport: Transport, profile: Profile, spawner: Spawner) -> Result<Self::Client, BoxError> {
        let mut builder = Builder::new(spawner.clone());
        if profile == Profile::Equal {
            let settings = Settings::EQUAL;
            builder
                .initial_stream_window_size(settings.stream_window)
                .initial_connection_window_size(settings.connection_window)
                .max_frame_size(settings.max_frame_size)
                .max_concurrent_reset_streams(settings.max_concurrent_reset_streams)
                .max_send_buf_size(settings.max_send_buffer_size)
                .keep_alive_interval(settings.keep_alive_interval)
                .keep_alive_timeout(settings.keep_alive_timeout);
        }
        let (client, connection) = builder.handshake(transport).await?;
        spawner.spawn(async { drop(connection.await) });
        Ok(client)
    }

    async fn send(
        mut client: Self::Client,
        number: usize,
        request: Request,
    ) -> Result<(Head, Body), (Phase, BoxError)> {
        let request = self::request(number, &request).map_err(|error| (Phase::Sending, error))?;
        client.ready().await.map_err(|error| (Phase::Sending, error.into()))?;
        let response = client.send_request(request).await.map_err(|error| (Phase::Head, error.into()))?;
        Ok(head_and_body(response))
    }

    async fn next_part(body: &mut Body) -> Option<Result<Part, BoxError>> {
        if let Some(data) = body.data().await {
            return Some(data.map(Part::Data).map_err(BoxError::from));
        }
        // A reader such as `hyper::body::to_bytes` takes the body as complete here. An error from the trailers comes
        // too late to change that.
        let trailers = body.trailers().await.ok()?;
        trailers.map(|trailers| Ok(Part::Trailers(fields(&trailers))))
    }
}

fn request(number: usize, request: &Request) -> Result<http_02::Request<Content>, BoxError> {
    let builder = http_02::Request::builder().version(Version::HTTP_2);
    with_content(builder.uri(format!("http://peer.test/{number}")), request)
}

fn with_content(builder: http_02::request::Builder, request: &Request) -> Result<http_02::Request<Content>, BoxError> {
    let mut builder = builder.method(request.method().name());
    for (name, value) in request.headers() {
        builder = builder.header(name, value);
    }
    Ok(builder.body(Content::new(request.body()))?)
}

fn head_and_body<B>(response: http_02::Response<B>) -> (Head, B) {
    let head = Head { status: response.status().as_u16(), headers: fields(response.headers()) };
    (head, response.into_body())
}

fn fields(headers: &HeaderMap) -> Vec<Field> {
    let text = |value: &http_02::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Spawner {
    fn execute(&self, task: F) {
        self.spawn(task);
    }
}

impl HttpBody for Content {
    type Data = Bytes;
    type Error = BodyFailed;

    fn poll_data(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyFailed>>> {
        self.poll_piece()
    }

    fn poll_trailers(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<Option<HeaderMap>, BodyFailed>> {
        Poll::Ready(Ok(None))
    }

    fn is_end_stream(&self) -> bool {
        self.is_complete()
    }

    fn size_hint(&self) -> SizeHint {
        self.exact_size().map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}
