//! The client with a pool of its own, on hyper 1, over TLS.

use super::{
    AwsClient, Under,
    modern::{NoNames, provider, trusting},
};
use crate::loopback;
use aws_smithy_http_client::pool::{Builder, Client};
use aws_smithy_runtime_api::shared::IntoShared;
use conformance::{client_driver::Reach, vocabulary::StackName};

/// The client with a pool of its own, on hyper 1.
pub const AWS_POOL: AwsClient = AwsClient {
    name: "aws pool",
    retrying: "aws pool, retrying",
    dynamodb: "dynamodb on pool",
    about: "the AWS SDK's client with a pool of its own, on hyper 1, alone",
    stack: StackName::Modern,
    reach: Reach::Loopback(loopback::listen),
    http_client: |endpoint| {
        let builder = Builder::default().tls_provider(provider()).tls_context(trusting(endpoint)?);
        Ok(Client::new(&builder.dns_resolver(NoNames).build_https()?)?.into_shared())
    },
    keeping_alive: None,
    under: Under::Nothing,
};
