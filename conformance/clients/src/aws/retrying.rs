//! A client under the SDK's own orchestrator with its standard retry strategy: three attempts, back-off, and a bucket
//! of tokens that pays for every retry.

use super::{AwsClient, head, http_request, label};
use aws_smithy_async::{rt::sleep::TokioSleep, time::SystemTimeSource};
use aws_smithy_runtime::client::{orchestrator::operation::Operation, retries::classifiers::TransientErrorClassifier};
use aws_smithy_runtime_api::client::{
    orchestrator::{HttpRequest, HttpResponse, OrchestratorError},
    result::SdkError,
};
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use bytes::Bytes;
use conformance::{
    classifiers::Opinion,
    client_driver::{ClientInstance, Endpoint, ErrorLabel, Failure, ResponseFuture},
    stacks::{BoxError, Head, IssuedRequest, Part},
    vocabulary::Phase,
};
use futures_util::stream;
use std::{
    borrow::Cow,
    convert::Infallible,
    error::Error,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// What an application may set or do beyond the SDK's defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// Nothing.
    AsShipped,
    /// A read timeout of five seconds: for the head of a response, attempt by attempt.
    ReadTimeout,
    /// A timeout of ten seconds for every attempt, its body included.
    AttemptTimeout,
    /// A timeout of twenty seconds for the whole operation, its attempts and its pauses included.
    OperationTimeout,
    /// HTTP/2 keep-alive, where the client has it: a PING after thirty seconds of silence, and an end ten seconds
    /// later.
    KeepAlive,
    /// The application's own layer around the SDK, which calls it once more after any error.
    OwnLayer,
}

impl Setting {
    /// Every setting but the defaults.
    const ALL: [Setting; 5] = [
        Setting::ReadTimeout,
        Setting::AttemptTimeout,
        Setting::OperationTimeout,
        Setting::KeepAlive,
        Setting::OwnLayer,
    ];

    /// Every setting that this client supports.
    pub fn of(client: AwsClient) -> impl Iterator<Item = Setting> {
        Setting::ALL.into_iter().filter(move |setting| *setting != Setting::KeepAlive || client.keeping_alive.is_some())
    }

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Setting::AsShipped => "the same under the SDK's orchestrator and its standard retry strategy",
            Setting::ReadTimeout => "read timeout, 5 s",
            Setting::AttemptTimeout => "attempt timeout, 10 s",
            Setting::OperationTimeout => "operation timeout, 20 s",
            Setting::KeepAlive => "keep-alive, 30 s + 10 s",
            Setting::OwnLayer => "a retry of one's own",
        }
    }

    /// The SDK's timeouts with this setting. The connect timeout is the SDK's default.
    fn timeouts(self) -> TimeoutConfig {
        let shipped = TimeoutConfig::builder().connect_timeout(Duration::from_millis(3_100));
        match self {
            Setting::ReadTimeout => shipped.read_timeout(Duration::from_secs(5)),
            Setting::AttemptTimeout => shipped.operation_attempt_timeout(Duration::from_secs(10)),
            Setting::OperationTimeout => shipped.operation_timeout(Duration::from_secs(20)),
            Setting::AsShipped | Setting::KeepAlive | Setting::OwnLayer => shipped,
        }
        .build()
    }
}

/// The orchestrator over an HTTP client.
pub(super) fn instance(
    client: &AwsClient,
    setting: Setting,
    endpoint: &Endpoint,
) -> Result<Box<dyn ClientInstance>, BoxError> {
    let http_client = client.keeping_alive.filter(|_| setting == Setting::KeepAlive).unwrap_or(client.http_client);
    let operation = Operation::builder()
        .service_name(service())
        .operation_name("Request")
        .http_client(http_client(endpoint)?)
        .endpoint_url(&endpoint.origin)
        .no_auth()
        .standard_retry(&retries())
        .retry_classifier(TransientErrorClassifier::<Infallible>::new())
        .timeout_config(setting.timeouts())
        .sleep_impl(TokioSleep::new())
        .time_source(SystemTimeSource::new())
        .serializer(Ok)
        .deserializer(|response: &HttpResponse| {
            let body = response.body().bytes().map(Bytes::copy_from_slice).unwrap_or_default();
            Ok::<_, OrchestratorError<Infallible>>((head(response.status().as_u16(), response.headers()), body))
        })
        .build();
    Ok(Box::new(Orchestrator { operation, calls: if setting == Setting::OwnLayer { 2 } else { 1 } }))
}

/// A name of its own for every client. The bucket of retry tokens belongs to the name of a service and outlives its
/// clients.
pub(super) fn service() -> Cow<'static, str> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("conformance-{}", NEXT.fetch_add(1, Ordering::Relaxed)).into()
}

/// The SDK's standard retries. The SDK draws the pauses between attempts at random; here each has its maximum length,
/// so that the same script gives the same outcome.
pub(super) fn retries() -> RetryConfig {
    RetryConfig::standard().with_use_static_exponential_base(true)
}

/// One operation of a service. The suite makes its requests.
struct Orchestrator {
    operation: Operation<HttpRequest, (Head, Bytes), Infallible>,
    /// The maximum number of calls for one request.
    calls: usize,
}

impl ClientInstance for Orchestrator {
    fn send(&self, request: &IssuedRequest) -> ResponseFuture {
        let (operation, calls, request) = (self.operation.clone(), self.calls, request.clone());
        Box::pin(async move {
            let mut left = calls;
            loop {
                left -= 1;
                // The orchestrator puts the endpoint before the path.
                let request = http_request("", &request);
                let request = request.map_err(|error| failure::<Infallible>(SdkError::construction_failure(error)))?;
                match operation.invoke(request).await {
                    Ok((head, body)) => {
                        let parts = (!body.is_empty()).then_some(Ok(Part::Data(body)));
                        return Ok((Some(head), Box::pin(stream::iter(parts)) as _));
                    }
                    Err(error) if left == 0 => return Err(failure(error)),
                    Err(_) => {}
                }
            }
        })
    }
}

/// The failure that the application gets after the last attempt.
pub(super) fn failure<E: Error + Send + Sync + 'static>(error: SdkError<E, HttpResponse>) -> Failure {
    let (phase, text) = match &error {
        SdkError::ConstructionFailure(_) => (Phase::Sending, "ConstructionFailure".into()),
        SdkError::TimeoutError(_) => (Phase::Head, "TimeoutError".into()),
        SdkError::DispatchFailure(failure) => {
            let label = failure.as_connector_error().map(|error| label(error).text).unwrap_or_default();
            (Phase::Head, format!("DispatchFailure({label})"))
        }
        SdkError::ResponseError(_) => (Phase::Body, "ResponseError".into()),
        // The response was read whole. It is an error, or the client does not understand it.
        SdkError::ServiceError(error) => (Phase::Body, format!("ServiceError({})", error.raw().status())),
        other => (Phase::Body, format!("{other}")),
    };
    // No further attempt follows.
    let label = Some(ErrorLabel { text, opinion: Opinion::Retry(false) });
    Failure { phase, error: error.into(), label }
}
