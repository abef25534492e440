//! The SDK's `TransientErrorClassifier` alone, without an HTTP client.

use aws_smithy_runtime::client::retries::classifiers::TransientErrorClassifier;
use aws_smithy_runtime_api::client::{
    interceptors::context::{Input, InterceptorContext},
    orchestrator::OrchestratorError,
    result::ConnectorError,
    retries::classifiers::ClassifyRetry,
};
use conformance::{
    classifiers::{Classifier, Opinion, Proof},
    script::Method,
    vocabulary::{Phase, StackName},
};
use std::{convert::Infallible, error::Error, io};
use tokio::time::error::Elapsed;

/// The SDK's `TransientErrorClassifier`, for the errors whose label no HTTP client has to choose: an I/O error is
/// `ConnectorError::io`, and a timeout is `ConnectorError::timeout`. The orchestrator asks it about requests of every
/// method.
#[derive(Clone, Copy, Debug)]
pub struct TransientErrors;

impl TransientErrors {
    /// Whether it has a label for the error.
    pub fn labels(error: &(dyn Error + 'static), _: Phase) -> bool {
        error.is::<io::Error>() || error.is::<Elapsed>()
    }
}

impl Classifier for TransientErrors {
    fn name(&self) -> &str {
        "TransientErrorClassifier"
    }

    fn stacks(&self) -> &[StackName] {
        &StackName::ALL
    }

    /// Its documentation promises nothing.
    fn promises(&self) -> &[Proof] {
        &[]
    }

    fn methods(&self) -> &[Method] {
        &[Method::Get, Method::Post]
    }

    fn classify(&self, error: &(dyn Error + 'static), _: Phase) -> Opinion {
        let source = error.to_string();
        opinion(match error {
            error if error.is::<io::Error>() => ConnectorError::io(source.into()),
            error if error.is::<Elapsed>() => ConnectorError::timeout(source.into()),
            _ => ConnectorError::other(source.into(), None),
        })
    }
}

/// What the SDK's classifier says of an error of a connector. It looks at the label alone.
pub(super) fn opinion(error: ConnectorError) -> Opinion {
    let mut context = InterceptorContext::new(Input::doesnt_matter());
    context.set_output_or_error(Err(OrchestratorError::connector(error)));
    Opinion::Retry(TransientErrorClassifier::<Infallible>::new().classify_retry(&context).should_retry())
}
