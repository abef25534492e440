//! The clients with a pool that hyper's users have: hyper 0.14's own, and hyper-util's, on hyper 1.

use crate::Shipped;
use conformance::{
    client_driver::{ClientInstance, Endpoint, Function, Reach, Retries},
    stacks::{BoxError, Content},
    vocabulary::StackName,
};
use hyper_util::{
    client::legacy::{Builder, Client},
    rt::{TokioExecutor, TokioTimer},
};

/// How a client is made at an endpoint.
type Instance = Result<Box<dyn ClientInstance>, BoxError>;

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
    instance: |endpoint| hyper_0_14(endpoint, |builder| builder),
};

/// hyper 0.14's `Client` with settings.
///
/// # Errors
///
/// Never.
pub fn hyper_0_14(
    endpoint: &Endpoint,
    set: fn(&mut hyper_014::client::Builder) -> &mut hyper_014::client::Builder,
) -> Instance {
    let client = set(hyper_014::Client::builder().http2_only(true)).build(endpoint.connector());
    Ok(Box::new(Function::new(endpoint.url(), move |request: http_02::Request<Content>| {
        let response = client.request(request);
        async { Ok(response.await?) }
    })))
}

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
    instance: |endpoint| hyper_util(endpoint, |builder| builder),
};

/// hyper-util's `Client` with settings.
///
/// # Errors
///
/// Never.
pub fn hyper_util(endpoint: &Endpoint, set: fn(&mut Builder) -> &mut Builder) -> Instance {
    let mut builder = Client::builder(TokioExecutor::new());
    let client = set(builder.http2_only(true).timer(TokioTimer::new())).build(endpoint.connector());
    Ok(Box::new(Function::new(endpoint.url(), move |request: http_1::Request<Content>| {
        let response = client.request(request);
        async { Ok(response.await?) }
    })))
}
