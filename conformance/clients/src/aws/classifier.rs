//! The legacy client's classifier alone: its connector can fail with any error, and the client's label for that is its
//! classifier's. The modern clients have no connector that could be given an error.

use super::{components, label, legacy::over_http2};
use aws_smithy_http_client::hyper_014::HyperClientBuilder;
use aws_smithy_runtime_api::client::{
    http::{HttpClient, HttpConnector, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::HttpRequest,
};
use conformance::{
    chain::{Chain, Link, Scope},
    client_driver::{Connector, ErrorLabel},
    error_chains::{Core, ErrorChain, KnownTypes, Layer},
    http2::ErrorCode,
    stacks::{BoxError, Driver, Enclosure},
    vocabulary::StackName,
};
use std::{
    iter,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::runtime::{Builder, Runtime};

/// The legacy client's classifier. Each thread needs its own.
pub struct LegacyClassifier {
    runtime: Runtime,
    connector: SharedHttpConnector,
    /// The error of the next connection.
    error: Arc<Mutex<Option<BoxError>>>,
}

impl LegacyClassifier {
    /// A client whose connector fails.
    ///
    /// # Errors
    ///
    /// If the operating system provides no runtime, or the SDK no client.
    pub fn new() -> Result<LegacyClassifier, BoxError> {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build()?;
        let error: Arc<Mutex<Option<BoxError>>> = Arc::default();
        let next = error.clone();
        let fails = move || Err(take(&next).unwrap_or_else(|| "there is no error to fail with".into()));
        let client = HyperClientBuilder::new().hyper_builder(over_http2()).build(Connector::new(fails));
        let connector = client.http_connector(&HttpConnectorSettings::builder().build(), &components()?);
        Ok(LegacyClassifier { runtime, connector, error })
    }

    /// The client's label for this error of its connector, wrapped in hyper's error. `None` if the client does not use
    /// its connector.
    pub fn classify(&self, error: BoxError) -> Option<ErrorLabel> {
        *self.error.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        let request = HttpRequest::get("http://peer.test/0").ok()?;
        let called = self.runtime.block_on(self.connector.call(request)).err()?;
        take(&self.error).is_none().then(|| label(&called))
    }

    /// The label that the classifier's source code intends for a chain of its connector: it follows `source()`, and
    /// looks at hyper's timeouts, at I/O errors, and at the first error of h2.
    pub fn means(chain: &Chain) -> &'static str {
        let has = |what: fn(&Link) -> bool| chain.links.iter().any(what);
        if has(|link| matches!(link, Link::Hyper(hyper) if hyper.timeout)) {
            return "Timeout";
        }
        if has(|link| matches!(link, Link::Io(_))) {
            return "Io";
        }
        let lost = chain.h2().is_some_and(|h2| match h2.scope {
            Scope::Connection => true,
            Scope::Stream => h2.reason == Some(ErrorCode::REFUSED_STREAM),
            Scope::Transport | Scope::Call => false,
        });
        if lost { "Io" } else { "Other(None)" }
    }
}

fn take(error: &Mutex<Option<BoxError>>) -> Option<BoxError> {
    error.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// The actual and the intended label of the AWS SDK's legacy classifier for an error chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The actual label.
    pub said: String,
    /// The label for such an error if the classifier sees every type that it looks for.
    pub meant: &'static str,
}

/// Gives an error chain to the SDK's legacy classifier. A label other than the intended one breaks law 1, as it did
/// when that classifier looked for the types of the other stack. `None` for a chain that the stack does not have, and
/// for an endless chain, which the classifier would read for ever.
pub fn said_and_meant(classifier: &LegacyClassifier, error_chain: &ErrorChain, driver: &Driver) -> Option<Answer> {
    let is_readable = error_chain.core != Core::Endless && error_chain.exists_on(StackName::Legacy);
    let error = is_readable.then(|| error_chain.realise(StackName::Legacy, driver))??;
    // hyper's connector error looks for a timeout along all sources, as its request body error does.
    let body = Layer::Enclosed(Enclosure::RequestBody);
    let inside_hyper = error_chain.with_layers(iter::once(body).chain(error_chain.layers.iter().copied()));
    let chain = inside_hyper.chain_by_sources(StackName::Legacy, KnownTypes::Own)?;
    Some(Answer { said: classifier.classify(error)?.text, meant: LegacyClassifier::means(&chain) })
}
