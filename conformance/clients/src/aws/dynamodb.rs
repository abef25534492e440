//! A generated client of a service, as applications use it: named operations, signed requests, JSON in both directions,
//! and the defaults of the SDK's latest behaviour, except where these are random or depend on a clock.
//!
//! The service is DynamoDB. All its operations are a POST to the root of its endpoint, so the number of a request is a
//! part of its endpoint instead of its path: every operation has its own endpoint.
//!
//! An application of a service chooses operations, not methods, header fields or the end of a body. The method of a
//! script's request only selects the operation. Either both are idempotent, or neither is:
//!
//! | method                    | operation    | run twice                             |
//! |---------------------------|--------------|---------------------------------------|
//! | GET, HEAD, OPTIONS, TRACE | `GetItem`    | is as if it ran once                  |
//! | PUT, DELETE               | `PutItem`    | is as if it ran once                  |
//! | POST, PATCH               | `UpdateItem` | counts twice: it adds one to a number |

use super::{AwsClient, head, retrying};
use aws_runtime::invocation_id::DefaultInvocationIdGenerator;
use aws_sdk_dynamodb::{
    Config,
    config::{
        BehaviorVersion, ConfigBag, Credentials, Intercept, Region, RuntimeComponents,
        interceptors::BeforeDeserializationInterceptorContextRef, retry::RetryPartition,
    },
    types::AttributeValue,
};
use aws_smithy_async::{rt::sleep::TokioSleep, time::TimeSource};
use conformance::{
    client_driver::{ClientInstance, Endpoint, ResponseFuture},
    script::Method,
    stacks::{BoxError, Head, IssuedRequest},
};
use futures_util::stream;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};
use tokio::time::Instant;

/// The generated client over an HTTP client.
pub(super) fn instance(client: &AwsClient, endpoint: &Endpoint) -> Result<Box<dyn ClientInstance>, BoxError> {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("nobody", "no secret", None, None, "conformance"))
        .http_client((client.http_client)(endpoint)?)
        .retry_config(retrying::retries())
        .retry_partition(RetryPartition::new(retrying::service()))
        // The signed text, and so the number of written bytes, is the same for the same script.
        .invocation_id_generator(DefaultInvocationIdGenerator::with_seed(0))
        .time_source(Clock(Instant::now()))
        .sleep_impl(TokioSleep::new());
    Ok(Box::new(Table { client: aws_sdk_dynamodb::Client::from_conf(config.build()), origin: endpoint.origin.clone() }))
}

/// The time of the runtime, whose clock stands still until the script lets time pass. The SDK measures the throughput of
/// a body; by the system's clock, no body would ever be too slow.
#[derive(Debug)]
struct Clock(Instant);

impl TimeSource for Clock {
    fn now(&self) -> SystemTime {
        /// The first of January 2026.
        const BEGINNING: Duration = Duration::from_secs(1_767_225_600);
        SystemTime::UNIX_EPOCH + BEGINNING + self.0.elapsed()
    }
}

/// A table of DynamoDB. The key of each item is the number of its request.
struct Table {
    client: aws_sdk_dynamodb::Client,
    origin: String,
}

/// The name of the table.
const TABLE: &str = "conformance";
/// The attribute that is the key.
const KEY: &str = "number";

impl ClientInstance for Table {
    fn send(&self, request: &IssuedRequest) -> ResponseFuture {
        let number = request.number();
        let seen = LastHead::none();
        let own = Config::builder().endpoint_url(format!("{}/{number}", self.origin)).interceptor(seen.clone());
        let client = self.client.clone();
        let key = AttributeValue::N(number.to_string());
        let content = AttributeValue::S("x".repeat(request.body().size() as usize));
        let method = request.method();
        Box::pin(async move {
            match method {
                Method::Get | Method::Head | Method::Options | Method::Trace => {
                    let get = client.get_item().table_name(TABLE).key(KEY, key);
                    get.customize().config_override(own).send().await.map(drop).map_err(retrying::failure)
                }
                Method::Put | Method::Delete => {
                    let put = client.put_item().table_name(TABLE).item(KEY, key).item("content", content);
                    put.customize().config_override(own).send().await.map(drop).map_err(retrying::failure)
                }
                Method::Post | Method::Patch | Method::Connect => {
                    let update = client
                        .update_item()
                        .table_name(TABLE)
                        .key(KEY, key)
                        .update_expression("SET content = :content ADD updates :one")
                        .expression_attribute_values(":content", content)
                        .expression_attribute_values(":one", AttributeValue::N("1".into()));
                    update.customize().config_override(own).send().await.map(drop).map_err(retrying::failure)
                }
            }?;
            // The application gets the output of the operation, and no body.
            Ok((Some(seen.get()), Box::pin(stream::empty()) as _))
        })
    }
}

/// The head of the last response to an operation. The SDK shows it only to an interceptor.
#[derive(Clone, Debug)]
struct LastHead(Arc<Mutex<Head>>);

impl LastHead {
    /// The head for an operation without a response.
    fn none() -> LastHead {
        // The output of an operation implies no more than this.
        LastHead(Arc::new(Mutex::new(Head { status: 200, headers: Vec::new(), hint: None })))
    }

    fn get(&self) -> Head {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Intercept for LastHead {
    fn name(&self) -> &'static str {
        "LastHead"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let seen = head(response.status().as_u16(), response.headers());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = seen;
        Ok(())
    }
}
