//! The default client, on hyper 1, over TLS.

use super::{Alone, HttpClientOfAws, NO_SUCH_NAME};
use crate::{
    chain::StackName,
    stacks::BoxError,
    subjects::{Client, Place, Reach, Subject},
};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    dns::{DnsFuture, ResolveDns, ResolveDnsError},
    http::SharedHttpClient,
};

/// The default client, on hyper 1.
#[derive(Clone, Copy, Debug)]
pub struct ModernClient;

impl Subject for ModernClient {
    fn name(&self) -> &'static str {
        "aws modern"
    }

    fn about(&self) -> &'static str {
        "the AWS SDK's default client, on hyper 1, alone"
    }

    fn stack(&self) -> StackName {
        StackName::Modern
    }

    fn reach(&self) -> Reach {
        Reach::Loopback
    }

    fn client(&self, place: &Place) -> Result<Box<dyn Client>, BoxError> {
        Ok(Box::new(Alone::new(self, place)?))
    }
}

impl HttpClientOfAws for ModernClient {
    fn http_client(&self, place: &Place) -> Result<SharedHttpClient, BoxError> {
        let trusted = trusting(place)?;
        Ok(Builder::new().tls_provider(provider()).tls_context(trusted).build_with_resolver(NoNames))
    }

    fn under_the_orchestrator(&self) -> (&'static str, &'static str) {
        ("aws modern, retrying", "the same under the SDK's orchestrator and its standard retry strategy")
    }
}

/// Knows no names: nothing here has one.
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

/// A context that trusts the certificate of the place, and no other.
pub(super) fn trusting(place: &Place) -> Result<TlsContext, BoxError> {
    let store = TrustStore::empty().with_pem_certificate(place.certificate.as_bytes());
    Ok(TlsContext::builder().with_trust_store(store).build()?)
}
