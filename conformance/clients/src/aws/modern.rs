//! The default client, on hyper 1, over TLS.

use super::{AwsClient, NO_SUCH_NAME, Under};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use conformance::{
    client_driver::{Endpoint, Reach},
    stacks::BoxError,
    vocabulary::StackName,
};

/// The default client, on hyper 1.
pub const AWS_MODERN: AwsClient = AwsClient {
    name: "aws modern",
    retrying: "aws modern, retrying",
    dynamodb: "dynamodb on modern",
    about: "the AWS SDK's default client, on hyper 1, alone",
    stack: StackName::Modern,
    reach: Reach::Tls,
    http_client: |endpoint| {
        Ok(Builder::new().tls_provider(provider()).tls_context(trusting(endpoint)?).build_with_resolver(NoNames))
    },
    keeping_alive: None,
    under: Under::Nothing,
};

/// Resolves no name, because nothing here has one.
#[derive(Clone, Copy, Debug)]
pub(super) struct NoNames;

impl ResolveDns for NoNames {
    fn resolve_dns<'a>(&'a self, _: &'a str) -> DnsFuture<'a> {
        DnsFuture::ready(Err(ResolveDnsError::new(NO_SUCH_NAME)))
    }
}

/// rustls on ring.
pub(super) fn provider() -> Provider {
    Provider::Rustls(CryptoMode::Ring)
}

/// A context that trusts only the endpoint's certificate.
pub(super) fn trusting(endpoint: &Endpoint) -> Result<TlsContext, BoxError> {
    let store = TrustStore::empty().with_pem_certificate(endpoint.certificate.as_bytes());
    Ok(TlsContext::builder().with_trust_store(store).build()?)
}
