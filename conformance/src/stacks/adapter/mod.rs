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
mod tunnel;

pub(super) use respond::{respond, size};

use super::{
    AnyBody, H2_ERROR, HYPER_ERROR, Http2Builder, Incoming, NAME, PoolError, This, client, h2, http, http2_builder,
    hyper, hyper::client::conn::http2::SendRequest, next_part, pool_builder, sender_call, server::read_whole,
    tunnel_io,
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
use tunnel::Tunnel;

impl Stack for This {
    type Client = Client;
    type Body = Received;

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
        Ok(Client { sender: client, spawner })
    }

    async fn send(client: Self::Client, issued: IssuedRequest) -> Result<(Head, Received), Unanswered> {
        let Client { mut sender, spawner } = client;
        let request = self::request(&issued).map_err(|error| (Phase::Sending, error))?;
        sender.ready().await.map_err(|error| (Phase::Sending, error.into()))?;
        let response = handed_back::send(&mut sender, request);
        // Only the application's own handle keeps the connection.
        drop(sender);
        let response = response.await?;
        if issued.is_connect() && response.status().is_success() {
            let head = head(&response, None);
            return Ok((head, Received::tunnel(response, issued.content(), &spawner).await));
        }
        let (head, body) = head_and_body(response);
        Ok((head, Received::Body(body)))
    }

    async fn next_part(received: &mut Received) -> Option<Result<Part, BoxError>> {
        match received {
            Received::Body(body) => next_part(body).await,
            Received::Tunnel(tunnel) => tunnel.next_part().await,
            Received::Refused(error) => error.take().map(Err),
        }
    }
}

/// The application's handle.
#[derive(Clone)]
pub struct Client {
    sender: SendRequest<Content>,
    spawner: Spawner,
}

/// What comes with a response.
pub enum Received {
    /// Its content.
    Body(Incoming),
    /// The tunnel that it makes.
    Tunnel(Tunnel),
    /// Why the tunnel that it makes cannot be had.
    Refused(Option<BoxError>),
}

impl Received {
    async fn tunnel(response: http::Response<Incoming>, content: Content, spawner: &Spawner) -> Received {
        match Tunnel::open(response, content, spawner).await {
            Ok(tunnel) => Received::Tunnel(tunnel),
            Err(error) => Received::Refused(Some(error)),
        }
    }
}

impl LaterSettings for Http2Builder {}

fn request(request: &IssuedRequest) -> Result<http::Request<Content>, BoxError> {
    let builder = http::Request::builder().version(http::Version::HTTP_2);
    with_content(builder.uri(request.uri("http://peer.test")), request)
}

fn with_content(builder: http::request::Builder, request: &IssuedRequest) -> Result<http::Request<Content>, BoxError> {
    let mut builder = builder.method(request.method().name());
    for (name, value) in request.headers() {
        builder = builder.header(name, value);
    }
    if let Some(protocol) = request.protocol() {
        builder = builder.extension(hyper::ext::Protocol::from_static(protocol.name()));
    }
    // What the application writes into a tunnel is no content of its request.
    let content = if request.is_connect() { Content::empty() } else { request.content() };
    Ok(builder.body(content)?)
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
