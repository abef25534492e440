//! What a driver is told and what it says: one JSON object on a line.

use conformance::script::{BodyEnd, Request, content};
use schemars::{JsonSchema, Schema, schema_for};
use serde::{Deserialize, Serialize};

/// The JSON Schemas of all lines.
#[derive(Serialize)]
pub struct ProtocolSchema {
    /// A line to a driver.
    to_driver: Schema,
    /// The first line of a driver, its answer to `hello`.
    first_from_driver: Schema,
    /// Every later line of a driver.
    from_driver: Schema,
}

impl ProtocolSchema {
    /// The schemas.
    pub fn new() -> ProtocolSchema {
        ProtocolSchema {
            to_driver: schema_for!(Order<'_>),
            first_from_driver: schema_for!(Welcome),
            from_driver: schema_for!(Happened),
        }
    }
}

impl Default for ProtocolSchema {
    fn default() -> ProtocolSchema {
        ProtocolSchema::new()
    }
}

/// A line to a driver.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Order<'o> {
    /// The first one.
    Hello {
        /// The version of these messages.
        hello: u32,
        /// The certificate to trust; none without TLS.
        ca_file: Option<&'o str>,
    },
    /// Make a new client, and forget what was asked of the one before.
    Reset {
        /// Always true.
        reset: bool,
    },
    /// Cancel a request.
    Cancel {
        /// Its number.
        cancel: u64,
    },
    /// Send this request.
    Send {
        /// Its number, unique in the life of the driver.
        id: u64,
        /// Its URL.
        url: String,
        /// Its method.
        method: &'static str,
        /// Its fields.
        headers: &'o [(String, String)],
        /// Its content.
        body: OrderedBody,
        /// Its trailers.
        trailers: &'o [(String, String)],
    },
}

/// The content of a request.
#[derive(Serialize, JsonSchema)]
pub(super) struct OrderedBody {
    /// Its size in bytes.
    size: u32,
    /// What comes after its bytes.
    then: Then,
    /// The bytes, which are letters and digits.
    text: String,
}

/// What comes after the content of a request.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Then {
    /// Its end.
    Complete,
    /// Nothing.
    Never,
    /// An error of the application.
    Fail,
}

impl OrderedBody {
    pub(super) fn new(number: usize, request: &Request) -> OrderedBody {
        let body = request.body();
        let text = content(number as u32, 0, body.size() as usize);
        OrderedBody {
            size: body.size(),
            then: match body.end() {
                BodyEnd::Complete => Then::Complete,
                BodyEnd::Never => Then::Never,
                BodyEnd::Fails => Then::Fail,
            },
            text: String::from_utf8_lossy(&text).into_owned(),
        }
    }
}

/// The first line of a driver.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub(super) struct Welcome {
    /// How it can reach a server.
    pub(super) transport: Vec<Transport>,
    /// The name and version of its client.
    pub(super) client: String,
    /// Whether that client promises to send again what was not processed.
    #[serde(default)]
    pub(super) retries: bool,
    /// Whether that client speaks gRPC.
    #[serde(default)]
    pub(super) grpc: bool,
    /// Whether that client can cancel a request.
    #[serde(default)]
    pub(super) cancels: bool,
}

/// How a driver can reach a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Transport {
    /// With prior knowledge of HTTP/2.
    H2c,
    /// Over TLS.
    Tls,
}

/// What happened to a request.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Happened {
    /// Its number.
    pub(super) id: u64,
    /// The head of the response, or the end.
    #[serde(flatten)]
    pub(super) what: What,
    /// How much of the content was handed over.
    #[serde(default)]
    pub(super) body_size: usize,
    /// Its SHA-256 in hexadecimal digits.
    #[serde(default)]
    pub(super) body_digest: Option<String>,
}

/// What can happen to a request.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum What {
    /// It cannot be sent by this client.
    Unplayable {
        /// Why.
        #[serde(rename = "unplayable")]
        _why: String,
    },
    /// The head of the response is there.
    Head {
        /// Says so.
        #[serde(rename = "event")]
        _event: HeadEvent,
        /// The status.
        status: u16,
        /// The fields, if the client tells them.
        headers: Option<Vec<(String, String)>>,
    },
    /// It has ended.
    End {
        /// How.
        end: HowEnded,
        /// The status, if there was no event for the head.
        status: Option<u16>,
        /// The trailers.
        #[serde(default)]
        trailers: Vec<(String, String)>,
        /// The error.
        #[serde(default)]
        error: String,
        /// Whether the client says that the request can be sent again.
        retryable: Option<bool>,
    },
}

/// The name of the event of a head.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum HeadEvent {
    Head,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum HowEnded {
    Complete,
    Error,
}
