//! The client with a pool of its own, on hyper 1, over TLS.

use super::{
    Alone, HttpClientOfAws,
    modern::{NoNames, provider, trusting},
};
use crate::{
    chain::StackName,
    stacks::BoxError,
    subjects::{Client, Place, Reach, Subject},
};
use aws_smithy_http_client::pool;
use aws_smithy_runtime_api::{client::http::SharedHttpClient, shared::IntoShared};

/// The client with a pool of its own, on hyper 1.
#[derive(Clone, Copy, Debug)]
pub struct PoolClient;

impl Subject for PoolClient {
    fn name(&self) -> &'static str {
        "aws pool"
    }

    fn about(&self) -> &'static str {
        "the AWS SDK's client with a pool of its own, on hyper 1, alone"
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

impl HttpClientOfAws for PoolClient {
    fn http_client(&self, place: &Place) -> Result<SharedHttpClient, BoxError> {
        let pool = pool::Builder::default()
            .tls_provider(provider())
            .tls_context(trusting(place)?)
            .dns_resolver(NoNames)
            .build_https()?;
        Ok(pool::Client::new(&pool)?.into_shared())
    }

    fn under_the_orchestrator(&self) -> (&'static str, &'static str) {
        ("aws pool, retrying", "the same under the SDK's orchestrator and its standard retry strategy")
    }
}
