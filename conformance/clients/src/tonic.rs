//! The channels of tonic.

use crate::Shipped;
use conformance::{
    client_driver::{Function, Reach, Retries},
    stacks::Content,
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
