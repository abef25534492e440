//! The AWS SDK for Rust: its three HTTP clients, each driven through the SDK's own traits, and its label for an error.
//!
//! `legacy` stands on hyper 0.14, `modern` and `pool` on hyper 1. `retrying` puts the SDK's orchestrator with
//! its standard retry strategy around any of them; the feature `aws-service` adds a service's generated client over any
//! of them. `classifier` gives the legacy client errors that no peer caused, and `transient` asks the SDK's retry
//! classifier alone.

mod chain_target;
mod classifier;
#[cfg(feature = "aws-service")]
mod dynamodb;
mod legacy;
#[cfg(feature = "aws-modern")]
mod modern;
#[cfg(feature = "aws")]
mod pool;
mod retrying;
mod transient;

pub use chain_target::CHAIN;
pub use classifier::{Answer, LegacyClassifier, said_and_meant};
pub use legacy::AWS_LEGACY;
#[cfg(feature = "aws-modern")]
pub use modern::AWS_MODERN;
#[cfg(feature = "aws")]
pub use pool::AWS_POOL;
pub use retrying::Setting;
pub use transient::TransientErrors;

use crate::logs;
use aws_smithy_async::{rt::sleep::TokioSleep, time::SystemTimeSource};
use aws_smithy_runtime_api::{
    client::{
        http::{HttpClient, HttpConnector, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector},
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::{RuntimeComponents, RuntimeComponentsBuilder},
    },
    http::Headers,
};
use aws_smithy_types::body::SdkBody;
use conformance::{
    client_driver::{Client, ClientInstance, Endpoint, ErrorLabel, Failure, LogLine, Reach, ResponseFuture, Retries},
    report::locked,
    script::BodyEnd,
    stacks::{BoxError, Head, IssuedRequest, Part, Parts},
    vocabulary::{Phase, StackName},
};
use futures_util::stream;
use hyper_1::body::Body as _;
use std::{future::poll_fn, pin::Pin};

/// A client of the SDK: one of its HTTP clients, and what stands between that and the application.
#[derive(Clone, Copy, Debug)]
pub struct AwsClient {
    /// Its name alone, for reports.
    pub name: &'static str,
    /// Its name under the SDK's orchestrator.
    pub retrying: &'static str,
    /// The name of the generated client of DynamoDB over it.
    pub dynamodb: &'static str,
    /// What it is alone, in one sentence.
    pub about: &'static str,
    /// The stack that it stands on.
    pub stack: StackName,
    /// How it reaches its peer.
    pub reach: Reach,
    /// Makes the HTTP client, as a configuration of the SDK takes it.
    pub http_client: MakeClient,
    /// The same with HTTP/2 keep-alive, if that can be set: PING after 30 s, given up 10 s later.
    pub keeping_alive: Option<MakeClient>,
    /// What stands between it and the application.
    pub under: Under,
}

/// Makes a client that opens its connections at an endpoint, or says why it cannot be made.
pub type MakeClient = fn(&Endpoint) -> Result<SharedHttpClient, BoxError>;

/// What stands between an application and an HTTP client of the SDK.
#[derive(Clone, Copy, Debug)]
pub enum Under {
    /// Nothing: the client's connector is called once for each request.
    Nothing,
    /// The SDK's own orchestrator, with a setting of its application.
    Orchestrator(Setting),
    /// The generated client of DynamoDB, under the same orchestrator.
    #[cfg(feature = "aws-service")]
    DynamoDb,
}

impl AwsClient {
    /// The same under the SDK's orchestrator.
    pub const fn retrying(self, setting: Setting) -> AwsClient {
        AwsClient { under: Under::Orchestrator(setting), ..self }
    }

    /// The same under the generated client of DynamoDB.
    #[cfg(feature = "aws-service")]
    pub const fn dynamodb(self) -> AwsClient {
        AwsClient { under: Under::DynamoDb, ..self }
    }
}

impl Client for AwsClient {
    fn name(&self) -> &str {
        match self.under {
            Under::Orchestrator(Setting::AsShipped) => self.retrying,
            Under::Nothing | Under::Orchestrator(_) => self.name,
            #[cfg(feature = "aws-service")]
            Under::DynamoDb => self.dynamodb,
        }
    }

    fn about(&self) -> &str {
        match self.under {
            Under::Nothing => self.about,
            Under::Orchestrator(setting) => setting.name(),
            #[cfg(feature = "aws-service")]
            Under::DynamoDb => "the generated client of DynamoDB with the defaults of the SDK, over that client",
        }
    }

    /// The crate of the SDK's HTTP clients, as the lock file has it.
    fn version(&self) -> String {
        const NAME: &str = "aws-smithy-http-client";
        let locked = locked().into_iter().find(|package| package.name == NAME);
        format!("{NAME} {}", locked.map_or_else(|| "of unknown version".into(), |package| package.with_source()))
    }

    fn stack(&self) -> Option<StackName> {
        Some(self.stack)
    }

    /// The standard retry strategy makes three attempts, and an application that calls it twice makes six.
    fn promise(&self) -> Retries {
        match self.under {
            Under::Nothing => Retries::NotPromised,
            Under::Orchestrator(Setting::OwnLayer) => Retries::UpTo(6),
            Under::Orchestrator(_) => Retries::UpTo(3),
            #[cfg(feature = "aws-service")]
            Under::DynamoDb => Retries::UpTo(3),
        }
    }

    /// Over hyper 0.14, `SdkBody` drops the trailers of the body that it was made from.
    fn sends_trailers(&self) -> bool {
        self.stack == StackName::Modern
    }

    /// A service's client makes requests of its own.
    #[cfg(feature = "aws-service")]
    fn sends_as_given(&self) -> bool {
        !matches!(self.under, Under::DynamoDb)
    }

    fn reach(&self) -> Reach {
        self.reach
    }

    fn record_log(&self, play: &mut dyn FnMut()) -> Vec<LogLine> {
        logs::record(play)
    }

    fn instance(&self, endpoint: &Endpoint) -> Result<Box<dyn ClientInstance>, BoxError> {
        match self.under {
            Under::Nothing => {
                let settings = HttpConnectorSettings::builder().build();
                let connector = (self.http_client)(endpoint)?.http_connector(&settings, &components()?);
                Ok(Box::new(Alone { connector, origin: endpoint.origin.clone() }))
            }
            Under::Orchestrator(setting) => retrying::instance(self, setting, endpoint),
            #[cfg(feature = "aws-service")]
            Under::DynamoDb => dynamodb::instance(self, endpoint),
        }
    }
}

/// The error of every name lookup.
const NO_SUCH_NAME: &str = "there is no such name";

/// A client alone: one call of its connector for each request.
struct Alone {
    connector: SharedHttpConnector,
    origin: String,
}

impl ClientInstance for Alone {
    fn send(&self, request: &IssuedRequest) -> ResponseFuture {
        let (connector, request) = (self.connector.clone(), http_request(&self.origin, request));
        Box::pin(async move {
            let failed = |phase, error: ConnectorError| {
                let label = Some(label(&error));
                Failure { phase, error: error.into(), label }
            };
            let request = request.map_err(|error| failed(Phase::Sending, ConnectorError::user(error)))?;
            let response = connector.call(request).await.map_err(|error| failed(Phase::Head, error))?;
            let (head, body) = head_and_body(response);
            Ok((Some(head), body))
        })
    }
}

/// The other components of the SDK that a client needs.
fn components() -> Result<RuntimeComponents, BoxError> {
    let builder = RuntimeComponentsBuilder::for_tests()
        .with_sleep_impl(Some(TokioSleep::new()))
        .with_time_source(Some(SystemTimeSource::new()));
    Ok(builder.build()?)
}

fn http_request(origin: &str, request: &IssuedRequest) -> Result<HttpRequest, BoxError> {
    let mut made = HttpRequest::new(content(request));
    made.set_method(request.method().name())?;
    made.set_uri(format!("{origin}{}", request.target()))?;
    for (name, value) in request.headers() {
        made.headers_mut().try_append(name.clone(), value.clone())?;
    }
    Ok(made)
}

/// The content of a request. The SDK can make it again for a retry.
fn content(request: &IssuedRequest) -> SdkBody {
    let body = request.body();
    match (body.size(), body.end()) {
        (0, BodyEnd::Complete) if request.trailers().is_empty() => SdkBody::empty(),
        _ => {
            let request = request.clone();
            SdkBody::retryable(move || SdkBody::from_body_1_x(request.content()))
        }
    }
}

fn head_and_body(response: HttpResponse) -> (Head, Parts) {
    let head = head(response.status().as_u16(), response.headers());
    let parts = stream::unfold(response.into_body(), |mut body| async {
        let frame = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await?;
        let part = frame.map(|frame| match frame.into_data() {
            Ok(data) => Part::Data(data),
            Err(frame) => Part::Trailers(frame.into_trailers().map(|trailers| fields(&trailers)).unwrap_or_default()),
        });
        Some((part, body))
    });
    (head, Box::pin(parts))
}

fn head(status: u16, headers: &Headers) -> Head {
    Head {
        status,
        headers: headers.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        hint: None,
    }
}

fn fields(trailers: &http_1::HeaderMap) -> Vec<(String, String)> {
    let text = |value: &http_1::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    trailers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

/// The SDK's label for an error of its connector, and what its `TransientErrorClassifier` says of that label.
fn label(error: &ConnectorError) -> ErrorLabel {
    let source = || BoxError::from("another error with the same label");
    let (text, alike) = match error.as_other() {
        _ if error.is_timeout() => ("Timeout".into(), ConnectorError::timeout(source())),
        _ if error.is_io() => ("Io".into(), ConnectorError::io(source())),
        _ if error.is_user() => ("User".into(), ConnectorError::user(source())),
        Some(kind) => (format!("Other({kind:?})"), ConnectorError::other(source(), Some(kind))),
        None => ("Other(None)".into(), ConnectorError::other(source(), None)),
    };
    ErrorLabel { text, opinion: transient::opinion(alike) }
}
