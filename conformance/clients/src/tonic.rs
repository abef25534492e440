//! The channels of tonic.

use crate::Shipped;
use conformance::{
    client_driver::{Function, Reach, Retries},
    stacks::Content,
    vocabulary::StackName,
};
use std::future::poll_fn;
use tower_service::Service;

/// The channel of tonic 0.12.
pub const TONIC_0_12: Shipped = Shipped {
    name: "tonic 0.12",
    about: "tonic's channel, without its codec: what gRPC makes of a response is not judged",
    package: ("tonic", "0.12."),
    stack: StackName::Modern,
    promise: Retries::NotPromised,
    reach: Reach::Memory,
    instance: |endpoint| {
        let channel = tonic_012::transport::Endpoint::from_shared(endpoint.origin.clone())?;
        let channel = channel.connect_with_connector_lazy(endpoint.connector());
        Ok(Box::new(Function::new(endpoint.url(), move |request: http_1::Request<Content>| {
            let mut channel = channel.clone();
            async move {
                poll_fn(|cx| channel.poll_ready(cx)).await?;
                Ok(channel.call(request.map(tonic_012::body::boxed)).await?)
            }
        })))
    },
};

/// The channel of tonic 0.14.
pub const TONIC_0_14: Shipped = Shipped {
    name: "tonic 0.14",
    about: "tonic's channel, without its codec: what gRPC makes of a response is not judged",
    package: ("tonic", "0.14."),
    stack: StackName::Modern,
    promise: Retries::NotPromised,
    reach: Reach::Memory,
    instance: |endpoint| {
        let channel = tonic_014::transport::Endpoint::from_shared(endpoint.origin.clone())?;
        let channel = channel.connect_with_connector_lazy(endpoint.connector());
        Ok(Box::new(Function::new(endpoint.url(), move |request: http_1::Request<Content>| {
            let mut channel = channel.clone();
            async move {
                poll_fn(|cx| channel.poll_ready(cx)).await?;
                Ok(channel.call(request.map(tonic_014::body::Body::new)).await?)
            }
        })))
    },
};
