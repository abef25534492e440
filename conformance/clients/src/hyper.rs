//! The clients with a pool that hyper's users have: hyper 0.14's own, and hyper-util's, on hyper 1.

use crate::Shipped;
use conformance::{
    client_driver::{Function, Reach, Retries},
    stacks::Content,
    vocabulary::StackName,
};
use hyper_util::rt::{TokioExecutor, TokioTimer};

/// hyper 0.14's `Client`. It sends again what was cancelled before it was written, and promises no more.
pub const HYPER_0_14: Shipped = Shipped {
    name: "hyper 0.14",
    about: "hyper 0.14's client with its pool",
    package: ("hyper", "0.14."),
    stack: StackName::Legacy,
    promise: Retries::NotPromised,
    reach: Reach::Memory,
    speaks_grpc: false,
    sends_trailers: true,
    instance: |endpoint| {
        let client = hyper_014::Client::builder().http2_only(true).build(endpoint.connector());
        Ok(Box::new(Function::new(endpoint.url(), move |request: http_02::Request<Content>| {
            let response = client.request(request);
            async { Ok(response.await?) }
        })))
    },
};

/// hyper-util's `Client`. It sends again what was cancelled before it was written, and promises no more.
pub const HYPER_UTIL: Shipped = Shipped {
    name: "hyper-util",
    about: "hyper-util's client with its pool, on hyper 1",
    package: ("hyper-util", "0.1."),
    stack: StackName::Modern,
    promise: Retries::NotPromised,
    reach: Reach::Memory,
    speaks_grpc: false,
    sends_trailers: true,
    instance: |endpoint| {
        let client = hyper_util::client::legacy::Client::builder(TokioExecutor::new())
            .http2_only(true)
            .timer(TokioTimer::new())
            .build(endpoint.connector());
        Ok(Box::new(Function::new(endpoint.url(), move |request: http_1::Request<Content>| {
            let response = client.request(request);
            async { Ok(response.await?) }
        })))
    },
};
