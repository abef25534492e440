//! The adapter of a stack, as far as it is the same text for both.
//!
//! This folder is compiled twice: `legacy` and `modern` each have it as a module of their own. `hyper`, `h2`, `http` and
//! `client` are the crates that the parent module gives these names, so every type here is one of that parent's stack.
//! A file here cannot name a version: the manifest has no crate with a bare name, and a test forbids the versioned ones.

#![allow(clippy::duplicate_mod, reason = "each stack has a module of its own")]

mod exchange;
mod generation;
mod h2_only;
mod handed_back;
mod http1;
mod pool;
mod respond;

pub(super) use respond::{respond, size};

use super::{
    AnyBody, H2_ERROR, HYPER_ERROR, Http2Builder, Incoming, NAME, PoolError, This, client, h2, http, http2_builder,
    hyper, next_part, pool_builder, sender_call, server::read_whole,
};
use crate::{
    http2::hpack::Field,
    peer::Transport,
    stacks::{
        BodyHint, BoxError, Content, Head, IssuedRequest, LaterSettings, Part, Profile, Settings, Stack, Unanswered,
        drive::Spawner,
    },
    vocabulary::{Phase, StackName},
};
use std::future::Future;

impl Stack for This {
    type Client = hyper::client::conn::http2::SendRequest<Content>;
    type Body = Incoming;

    const NAME: StackName = NAME;

    async fn connect(transport: Transport, profile: Profile, spawner: Spawner) -> Result<Self::Client, BoxError> {
        let mut builder = http2_builder(spawner.clone());
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
        let (client, connection) = builder.handshake(transport).await?;
        spawner.spawn(async { drop(connection.await) });
        Ok(client)
    }

    async fn send(mut client: Self::Client, request: IssuedRequest) -> Result<(Head, Incoming), Unanswered> {
        let request = self::request(&request).map_err(|error| (Phase::Sending, error))?;
        client.ready().await.map_err(|error| (Phase::Sending, error.into()))?;
        let response = handed_back::send(&mut client, request);
        // Only the application's own handle keeps the connection.
        drop(client);
        Ok(head_and_body(response.await?))
    }

    async fn next_part(body: &mut Incoming) -> Option<Result<Part, BoxError>> {
        next_part(body).await
    }
}

impl LaterSettings for Http2Builder {}

fn request(request: &IssuedRequest) -> Result<http::Request<Content>, BoxError> {
    let builder = http::Request::builder().version(http::Version::HTTP_2);
    with_content(builder.uri(format!("http://peer.test{}", request.target())), request)
}

fn with_content(builder: http::request::Builder, request: &IssuedRequest) -> Result<http::Request<Content>, BoxError> {
    let mut builder = builder.method(request.method().name());
    for (name, value) in request.headers() {
        builder = builder.header(name, value);
    }
    Ok(builder.body(request.content())?)
}

fn head_and_body<B: AnyBody>(response: http::Response<B>) -> (Head, B) {
    let body = response.body();
    let (size, is_end_stream) = (body.size_hint(), body.is_end_stream());
    let hint = BodyHint { is_end_stream, lower: size.lower(), upper: size.upper() };
    (head(&response, Some(hint)), response.into_body())
}

fn head<B>(response: &http::Response<B>, hint: Option<BodyHint>) -> Head {
    Head { status: response.status().as_u16(), headers: fields(response.headers()), hint }
}

pub(super) fn fields(headers: &http::HeaderMap) -> Vec<Field> {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

/// The trailers of a request, after its content. A script has only valid fields.
pub(super) fn trailers(content: &mut Content) -> Option<http::HeaderMap> {
    let trailers = content.take_trailers()?;
    let valid = |(name, value): &Field| {
        let name = http::HeaderName::from_bytes(name.as_bytes()).ok()?;
        Some((name, http::HeaderValue::from_str(value).ok()?))
    };
    Some(trailers.iter().filter_map(valid).collect())
}

impl<F: Future<Output = ()> + Send + 'static> hyper::rt::Executor<F> for Spawner {
    fn execute(&self, task: F) {
        self.spawn(task);
    }
}
