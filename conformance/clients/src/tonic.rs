//! The channels of tonic, and the codes of gRPC that it gives for their errors.

use crate::Shipped;
use conformance::{
    classifiers::{Opinion, Proof},
    client_driver::{ErrorLabel, Function, Reach, Retries},
    stacks::{BoxError, Content},
    vocabulary::StackName,
};
use std::future::poll_fn;
use tower_service::Service;

/// The channel of a version of tonic, which makes its bodies by this function.
macro_rules! tonic {
    ($tonic:ident, $name:literal, $begins:literal, $body:path) => {
        Shipped {
            name: $name,
            about: "tonic's channel, without its codec: what gRPC makes of a response is not judged",
            package: ("tonic", $begins),
            stack: StackName::Modern,
            promise: Retries::NotPromised,
            reach: Reach::Memory,
            instance: |endpoint| {
                let channel = $tonic::transport::Endpoint::from_shared(endpoint.origin.clone())?;
                let channel = channel.connect_with_connector_lazy(endpoint.connector());
                Ok(Box::new(Function::new(endpoint.url(), move |request: http_1::Request<Content>| {
                    let mut channel = channel.clone();
                    async move {
                        poll_fn(|cx| channel.poll_ready(cx)).await?;
                        Ok(channel.call(request.map($body)).await?)
                    }
                })))
            },
        }
    };
}

/// The channel of tonic 0.12.
pub const TONIC_0_12: Shipped = tonic!(tonic_012, "tonic 0.12", "0.12.", tonic_012::body::boxed);

/// The channel of tonic 0.14.
pub const TONIC_0_14: Shipped = tonic!(tonic_014, "tonic 0.14", "0.14.", tonic_014::body::Body::new);

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
