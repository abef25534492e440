//! reqwest, over sockets: it takes no connector. It sends again what a peer has refused, if it has the content.

use crate::Shipped;
use bytes::Bytes;
use conformance::{
    client_driver::{ClientInstance, Endpoint, Function, Reach, Retries},
    stacks::{BoxError, Content},
    vocabulary::StackName,
};
use futures_util::{Stream, stream};
use hyper_014::body::{HttpBody, SizeHint};
use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

const ABOUT: &str = "reqwest's client with prior knowledge of HTTP/2, and its own retries";

/// reqwest 0.11.
pub const REQWEST_0_11: Shipped = Shipped {
    name: "reqwest 0.11",
    about: ABOUT,
    package: ("reqwest", "0.11."),
    stack: StackName::Legacy,
    promise: Retries::Automatic,
    reach: Reach::PriorKnowledge,
    speaks_grpc: false,
    sends_trailers: false,
    instance: |endpoint| {
        let client = reqwest_011::Client::builder().http2_prior_knowledge().no_proxy().build()?;
        Ok(Box::new(Function::new(endpoint.url(), move |request: http_02::Request<Content>| {
            let client = client.clone();
            async move {
                let request = request.map(|content| match content.whole() {
                    Some(whole) => reqwest_011::Body::from(whole),
                    None => reqwest_011::Body::wrap_stream(pieces(content)),
                });
                let response = client.execute(request.try_into()?).await?;
                let mut head = http_02::Response::new(());
                (*head.status_mut(), *head.headers_mut()) = (response.status(), response.headers().clone());
                Ok(head
                    .map(|()| Streamed { length: response.content_length(), bytes: Box::pin(response.bytes_stream()) }))
            }
        })))
    },
};

/// Content piece by piece, as reqwest 0.11 takes it.
fn pieces(content: Content) -> impl Stream<Item = Result<Bytes, BoxError>> {
    stream::unfold(content, |mut content| async {
        let piece = poll_fn(|cx| content.poll_piece(cx)).await?;
        Some((piece, content))
    })
}

/// The body of a response of reqwest 0.11, which shows no trailers.
struct Streamed {
    length: Option<u64>,
    bytes: Pin<Box<dyn Stream<Item = Result<Bytes, reqwest_011::Error>> + Send>>,
}

impl HttpBody for Streamed {
    type Data = Bytes;
    type Error = reqwest_011::Error;

    fn poll_data(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, reqwest_011::Error>>> {
        self.bytes.as_mut().poll_next(cx)
    }

    fn poll_trailers(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Result<Option<http_02::HeaderMap>, reqwest_011::Error>> {
        Poll::Ready(Ok(None))
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}

/// A version of reqwest that takes and gives the bodies of http-body 1, and a function that makes it with settings.
macro_rules! reqwest {
    ($reqwest:ident, $constant:ident, $with:ident, $name:literal, $begins:literal) => {
        #[doc = concat!($name, ".")]
        pub const $constant: Shipped = Shipped {
            name: $name,
            about: ABOUT,
            package: ("reqwest", $begins),
            stack: StackName::Modern,
            promise: Retries::Automatic,
            reach: Reach::PriorKnowledge,
            speaks_grpc: false,
            sends_trailers: true,
            instance: |endpoint| $with(endpoint, |builder| builder),
        };

        #[doc = concat!($name, " with settings.")]
        ///
        /// # Errors
        ///
        /// If it refuses the settings.
        pub fn $with(
            endpoint: &Endpoint,
            set: fn($reqwest::ClientBuilder) -> $reqwest::ClientBuilder,
        ) -> Result<Box<dyn ClientInstance>, BoxError> {
            let client = set($reqwest::Client::builder().http2_prior_knowledge().no_proxy()).build()?;
            Ok(Box::new(Function::new(endpoint.url(), move |request: http_1::Request<Content>| {
                let client = client.clone();
                let request = request.map(|content| match content.whole() {
                    Some(whole) => $reqwest::Body::from(whole),
                    None => $reqwest::Body::wrap(content),
                });
                async move {
                    let response = client.execute(request.try_into()?).await?;
                    Ok(http_1::Response::<$reqwest::Body>::from(response))
                }
            })))
        }
    };
}

reqwest!(reqwest_012, REQWEST_0_12, reqwest_0_12, "reqwest 0.12", "0.12.");
reqwest!(reqwest_013, REQWEST_0_13, reqwest_0_13, "reqwest 0.13", "0.13.");
