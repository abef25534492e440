//! The client with a pool of its own, on hyper 1, over TLS.

use super::{
    AWS_MODERN, AwsClient,
    modern::{NoNames, provider, trusting},
};
use aws_smithy_http_client::pool::{Builder, Client};
use aws_smithy_runtime_api::shared::IntoShared;

/// The client with a pool of its own, on hyper 1.
pub const AWS_POOL: AwsClient = AwsClient {
    name: "aws pool",
    retrying: "aws pool, retrying",
    dynamodb: "dynamodb on pool",
    about: "the AWS SDK's client with a pool of its own, on hyper 1, alone",
    http_client: |endpoint| {
        let builder = Builder::default().tls_provider(provider()).tls_context(trusting(endpoint)?);
        Ok(Client::new(&builder.dns_resolver(NoNames).build_https()?)?.into_shared())
    },
    ..AWS_MODERN
};
