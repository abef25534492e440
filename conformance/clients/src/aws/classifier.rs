//! The legacy client's classifier alone: its connector can fail with any error, and what the client calls that is its
//! classifier's label. The modern clients have no connector that could be handed an error.

use super::{
    components, label,
    legacy::{Connector, over_http2},
};
use aws_smithy_http_client::hyper_014::HyperClientBuilder;
use aws_smithy_runtime_api::client::{
    http::{HttpClient, HttpConnector, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::HttpRequest,
};
use conformance::{
    chain::{Chain, Link, Scope},
    client_driver::ErrorLabel,
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

/// The legacy client's classifier. Each thread needs one of its own.
pub struct LegacyClassifier {
    runtime: Runtime,
    connector: SharedHttpConnector,
    /// What the next connection fails with.
    error: Arc<Mutex<Option<BoxError>>>,
}

impl LegacyClassifier {
    /// A client whose connector fails.
    ///
    /// # Errors
    ///
    /// If the operating system gives no runtime, or the SDK no client.
    pub fn new() -> Result<LegacyClassifier, BoxError> {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build()?;
        let error: Arc<Mutex<Option<BoxError>>> = Arc::default();
        let next = error.clone();
        let fails = move || Err(take(&next).unwrap_or_else(|| "there is no error to fail with".into()));
        let client = HyperClientBuilder::new().hyper_builder(over_http2()).build(Connector::new(fails));
        let connector = client.http_connector(&HttpConnectorSettings::builder().build(), &components()?);
        Ok(LegacyClassifier { runtime, connector, error })
    }

    /// What the client calls this error of its connector, inside the error that hyper makes of it. `None` if the client asks
    /// its connector for nothing.
    pub fn classify(&self, error: BoxError) -> Option<ErrorLabel> {
        *self.error.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        let request = HttpRequest::get("http://peer.test/0").ok()?;
        let called = self.runtime.block_on(self.connector.call(request)).err()?;
        take(&self.error).is_none().then(|| label(&called))
    }

    /// What the classifier means to call a chain that its connector fails with, by its own source: it goes from error to
    /// `source()`, and looks at hyper's timeouts, at I/O errors, and at the first error of h2.
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

/// What the AWS SDK's legacy classifier says of an error chain, and what it means to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its word for the error.
    pub said: String,
    /// The word that it has for such an error, if it sees every type that it looks for.
    pub meant: &'static str,
}

/// Puts an error chain to the SDK's legacy classifier: another word than the one that it means is law 1 broken, as it was when
/// that classifier looked for the types of the other stack. `None` for what the stack does not have, and for a chain without
/// an end, which the classifier would read for ever.
pub fn said_and_meant(classifier: &LegacyClassifier, error_chain: &ErrorChain, driver: &Driver) -> Option<Answer> {
    let is_readable = error_chain.core != Core::Endless && error_chain.exists_on(StackName::Legacy);
    let error = is_readable.then(|| error_chain.realise(StackName::Legacy, driver))??;
    // hyper's error of a connector looks for a timeout wherever sources lead, as its error of a request's body does.
    let body = Layer::Enclosed(Enclosure::RequestBody);
    let inside_hyper = error_chain.with_layers(iter::once(body).chain(error_chain.layers.iter().copied()));
    let chain = inside_hyper.chain_by_sources(StackName::Legacy, KnownTypes::Own)?;
    Some(Answer { said: classifier.classify(error)?.text, meant: LegacyClassifier::means(&chain) })
}
