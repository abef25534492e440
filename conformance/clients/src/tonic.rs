//! tonic's clients, and the codes of gRPC that tonic gives for errors. A request is a call with one message, and with a
//! stream of messages in answer, so that what comes before an error shows.

use crate::Shipped;
use bytes::Bytes;
use conformance::{
    classifiers::{Opinion, Proof},
    client_driver::{ClientInstance, Endpoint, ErrorLabel, Failure, Reach, Retries},
    http2::hpack::Field,
    script::{BodyEnd, content},
    stacks::{BoxError, IssuedRequest},
    vocabulary::{Phase, StackName},
};
use futures_util::{
    Stream, StreamExt,
    stream::{once, pending},
};
use http_1::HeaderMap;
use std::future::ready;

/// The messages of a call: the content of its request. The stream ends if that does.
fn messages(request: &IssuedRequest) -> impl Stream<Item = Bytes> + Send + 'static {
    let body = request.body();
    let message = once(ready(content(request.number() as u32, 0, body.size() as usize)));
    if body.end() == BodyEnd::Complete { message.left_stream() } else { message.chain(pending()).right_stream() }
}

fn fields(map: &HeaderMap) -> Vec<Field> {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    map.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect()
}

/// The error of a call before its first message.
fn failed(phase: Phase) -> impl FnOnce(BoxError) -> Failure {
    move |error| Failure { phase, error, label: None }
}

/// The client of a version of tonic.
macro_rules! tonic {
    ($module:ident, $tonic:ident, $constant:ident, $with:ident, $name:literal, $begins:literal) => {
        #[doc = concat!("The client of ", $name, ".")]
        pub const $constant: Shipped = Shipped {
            name: $name,
            about: "tonic's client: calls with a stream of messages in answer",
            package: ("tonic", $begins),
            stack: StackName::Modern,
            promise: Retries::NotPromised,
            reach: Reach::Memory,
            speaks_grpc: true,
            sends_trailers: true,
            instance: |endpoint| $with(endpoint, |set| set),
        };

        #[doc = concat!("The client of ", $name, " with settings.")]
        ///
        /// # Errors
        ///
        /// If the endpoint is no URI.
        pub fn $with(
            endpoint: &Endpoint,
            set: fn($tonic::transport::Endpoint) -> $tonic::transport::Endpoint,
        ) -> Result<Box<dyn ClientInstance>, BoxError> {
            let channel = set($tonic::transport::Endpoint::from_shared(endpoint.origin.clone())?);
            Ok(Box::new($module::Calls(channel.connect_with_connector_lazy(endpoint.connector()))))
        }

        mod $module {
            use super::{failed, fields, messages};
            use bytes::{Buf, BufMut, Bytes};
            use conformance::{
                client_driver::{ClientInstance, Failure, ResponseFuture},
                stacks::{BoxError, Head, IssuedRequest, Part, Parts},
                vocabulary::Phase,
            };
            use futures_util::stream::try_unfold;
            use http_1::{HeaderMap, HeaderName, HeaderValue, uri::PathAndQuery};
            use $tonic::{
                Request as Call, Status,
                client::Grpc,
                codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
                metadata::MetadataMap,
                transport::Channel,
            };

            pub(super) struct Calls(pub(super) Channel);

            impl ClientInstance for Calls {
                fn send(&self, request: &IssuedRequest) -> ResponseFuture {
                    let (mut grpc, call) = (Grpc::new(self.0.clone()), call(request));
                    Box::pin(async move {
                        let (call, path) = call.map_err(failed(Phase::Sending))?;
                        grpc.ready().await.map_err(|error| failed(Phase::Sending)(error.into()))?;
                        let answer = grpc.streaming(call, path, Raw).await;
                        let (metadata, messages, _) =
                            answer.map_err(|status| failed(Phase::Head)(status.into()))?.into_parts();
                        let parts = try_unfold(Some(messages), |messages| async {
                            let Some(mut messages) = messages else { return Ok(None) };
                            if let Some(message) = messages.message().await? {
                                return Ok(Some((Part::Data(message), Some(messages))));
                            }
                            let trailers = messages.trailers().await?;
                            Ok(trailers.map(|trailers| (Part::Trailers(fields(&trailers.into_headers())), None)))
                        });
                        let head = Head { status: 200, headers: fields(&metadata.into_headers()), hint: None };
                        Ok::<_, Failure>((Some(head), Box::pin(parts) as Parts))
                    })
                }
            }

            /// The call, and its method.
            fn call(
                request: &IssuedRequest,
            ) -> Result<(Call<impl futures_util::Stream<Item = Bytes> + Send + 'static>, PathAndQuery), BoxError> {
                let mut call = Call::new(messages(request));
                let mut fields = HeaderMap::new();
                for (name, value) in request.headers() {
                    fields.append(name.parse::<HeaderName>()?, value.parse::<HeaderValue>()?);
                }
                *call.metadata_mut() = MetadataMap::from_headers(fields);
                Ok((call, request.target().parse()?))
            }

            /// Messages are bytes.
            struct Raw;

            impl Codec for Raw {
                type Encode = Bytes;
                type Decode = Bytes;
                type Encoder = Raw;
                type Decoder = Raw;

                fn encoder(&mut self) -> Raw {
                    Raw
                }

                fn decoder(&mut self) -> Raw {
                    Raw
                }
            }

            impl Encoder for Raw {
                type Item = Bytes;
                type Error = Status;

                fn encode(&mut self, message: Bytes, to: &mut EncodeBuf<'_>) -> Result<(), Status> {
                    to.put(message);
                    Ok(())
                }
            }

            impl Decoder for Raw {
                type Item = Bytes;
                type Error = Status;

                fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
                    Ok(Some(from.copy_to_bytes(from.remaining())))
                }
            }
        }
    };
}

tonic!(v0_12, tonic_012, TONIC_0_12, tonic_0_12, "tonic 0.12", "0.12.");
tonic!(v0_14, tonic_014, TONIC_0_14, tonic_0_14, "tonic 0.14", "0.14.");

/// What gRPC promises to make UNAVAILABLE, the code after which a call may be repeated. Its PROTOCOL-HTTP2.md says of
/// REFUSED_STREAM: "Indicates that no processing occurred and the request can be retried, possibly elsewhere", and of
/// GOAWAY: "Clients should consider any stream initiated after the last successfully accepted stream as UNAVAILABLE and
/// retry the call elsewhere". tonic's own documentation promises nothing.
pub const GRPC_PROMISES: &[Proof] = &[Proof::GoawayNoError, Proof::GoawayWithError, Proof::RefusedStream];

/// The label for an error by this version of tonic: the code of `Status::from_error`. UNAVAILABLE says that a repetition
/// may help, not that the call was never processed.
macro_rules! label {
    ($tonic:ident) => {
        |error| {
            let code = $tonic::Status::from_error(error).code();
            ErrorLabel { text: format!("{code:?}"), opinion: Opinion::Retry(code == $tonic::Code::Unavailable) }
        }
    };
}

/// How tonic 0.12 labels an error of its channel. It is built without tonic's feature `server`, and only that reads the
/// errors of h2.
pub const LABEL_0_12: fn(BoxError) -> ErrorLabel = label!(tonic_012);

/// How tonic 0.14 labels an error of its channel, with the feature `server`, which is on by default.
pub const LABEL_0_14: fn(BoxError) -> ErrorLabel = label!(tonic_014);
