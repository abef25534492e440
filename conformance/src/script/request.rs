use crate::http2::hpack::Field;
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use std::fmt;

/// An application's request. The client adds the pseudo-header fields. `:path` is the request's number (`/0`, `/1`, …),
/// because stream identifiers do not identify requests: a request that is never sent may use one up.
///
/// In TOML: `{ method = "POST", headers = [["te", "trailers"]], body = { size = 10 } }`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    method: Method,
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "valid_headers")]
    headers: Vec<Field>,
    #[serde(default, skip_serializing_if = "is_default")]
    body: Body,
    #[serde(default, skip_serializing_if = "is_default")]
    read: Reads,
}

/// How much content of its response the application reads before a step tells it to read more. It takes whole pieces, as
/// the client hands them over, until it has so much.
///
/// In TOML: `"all"`, `"none"`, or a number of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "ReadsText", into = "ReadsText")]
pub enum Reads {
    /// Everything, to the end.
    #[default]
    All,
    /// This number of bytes. It does not ask for more, so it does not learn of the end.
    Bytes(u32),
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum ReadsText {
    Bytes(u32),
    Word(String),
}

impl From<Reads> for ReadsText {
    fn from(reads: Reads) -> ReadsText {
        match reads {
            Reads::All => ReadsText::Word("all".into()),
            Reads::Bytes(0) => ReadsText::Word("none".into()),
            Reads::Bytes(bytes) => ReadsText::Bytes(bytes),
        }
    }
}

impl TryFrom<ReadsText> for Reads {
    type Error = String;

    fn try_from(text: ReadsText) -> Result<Reads, String> {
        match text {
            ReadsText::Bytes(bytes) => Ok(Reads::Bytes(bytes)),
            ReadsText::Word(word) if word == "all" => Ok(Reads::All),
            ReadsText::Word(word) if word == "none" => Ok(Reads::Bytes(0)),
            ReadsText::Word(word) => Err(format!("`read` is \"all\", \"none\" or a number, and not `{word}`")),
        }
    }
}

/// Whether TOML may leave out the value.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn valid_headers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Field>, D::Error> {
    let headers = Vec::<Field>::deserialize(deserializer)?;
    match headers.iter().find(|(name, value)| !is_valid(name, value)) {
        Some((name, value)) => Err(D::Error::custom(format!(
            "`{name}: {value}` is not a header field: the name must be a lower-case token, the value visible ASCII"
        ))),
        None => Ok(headers),
    }
}

/// Whether the name is a lower-case token (RFC 9110 §5.6.2), and the value holds only visible ASCII and inner spaces.
fn is_valid(name: &str, value: &str) -> bool {
    let token = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let visible = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    !name.is_empty() && name.bytes().all(token) && value.bytes().all(visible) && value.trim() == value
}

/// The methods of RFC 9110 §9 and RFC 5789, except CONNECT, because its tunnel has no response body to judge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs)]
pub enum Method {
    #[default]
    Get,
    Head,
    Post,
    Put,
    Delete,
    Options,
    Trace,
    Patch,
}

/// The content of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    #[serde(deserialize_with = "valid_size")]
    size: u32,
    #[serde(rename = "then", default, skip_serializing_if = "is_default")]
    end: BodyEnd,
}

fn valid_size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let size = u64::deserialize(deserializer)?;
    let valid = u32::try_from(size).ok().filter(|size| *size <= Body::MAX_SIZE);
    valid.ok_or_else(|| D::Error::custom(format!("the size {size} is above {}", Body::MAX_SIZE)))
}

/// The end of a request's content, after its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum BodyEnd {
    /// The content is complete.
    #[default]
    #[serde(skip)]
    Complete,
    /// Nothing, ever: the application neither ends the body nor gives up.
    #[serde(rename = "hang")]
    Never,
    /// The application's body fails with an error of its own.
    #[serde(rename = "fail")]
    Fails,
}

impl Request {
    /// A GET without content.
    pub fn get() -> Request {
        Request::new(Method::Get)
    }

    /// A request without content.
    pub fn new(method: Method) -> Request {
        Request { method, headers: Vec::new(), body: Body::EMPTY, read: Reads::All }
    }

    /// The same request, of whose response the application reads this much.
    pub fn reading(mut self, read: Reads) -> Request {
        self.read = read;
        self
    }

    /// The same request with content.
    pub fn with_body(mut self, body: Body) -> Request {
        self.body = body;
        self
    }

    /// The same request as a POST with this content.
    pub fn as_post(&self, body: Body) -> Request {
        Request { method: Method::Post, headers: self.headers.clone(), body, read: self.read }
    }

    /// The same request with one more field line, or `None` if the name is not a lower-case token (RFC 9110 §5.6.2) or
    /// the value holds anything but visible ASCII and inner spaces.
    pub fn with_header(mut self, name: &str, value: &str) -> Option<Request> {
        self.headers.push(is_valid(name, value).then(|| (name.to_owned(), value.to_owned()))?);
        Some(self)
    }

    /// The method.
    pub fn method(&self) -> Method {
        self.method
    }

    /// The field lines that the application sets, in order.
    pub fn headers(&self) -> &[Field] {
        &self.headers
    }

    /// The content.
    pub fn body(&self) -> Body {
        self.body
    }

    /// How much of the response the application reads.
    pub fn read(&self) -> Reads {
        self.read
    }
}

impl Method {
    /// Every method, in the order of the type. A method's index in this list is its number in a corpus file, so new ones
    /// go to the end.
    pub const ALL: [Method; 8] = [
        Method::Get,
        Method::Head,
        Method::Post,
        Method::Put,
        Method::Delete,
        Method::Options,
        Method::Trace,
        Method::Patch,
    ];

    /// The name as on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
            Method::Options => "OPTIONS",
            Method::Trace => "TRACE",
            Method::Patch => "PATCH",
        }
    }

    /// Whether repeating the request is intended to have the same effect (RFC 9110 §9.2.2).
    pub fn is_idempotent(self) -> bool {
        !matches!(self, Method::Post | Method::Patch)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Body {
    /// The largest content of a request: enough to fill every default flow-control window many times.
    pub const MAX_SIZE: u32 = 1 << 20;
    /// No content at all.
    pub const EMPTY: Body = Body { size: 0, end: BodyEnd::Complete };

    /// Content of `size` bytes, at most [`Body::MAX_SIZE`].
    pub fn new(size: u32, end: BodyEnd) -> Body {
        Body { size: size.min(Body::MAX_SIZE), end }
    }

    /// The number of bytes.
    pub fn size(self) -> u32 {
        self.size
    }

    /// The end, after the bytes.
    pub fn end(self) -> BodyEnd {
        self.end
    }
}

impl BodyEnd {
    /// Every end, in the order of the type. An end's index in this list is its number in a corpus file.
    pub const ALL: [BodyEnd; 3] = [BodyEnd::Complete, BodyEnd::Never, BodyEnd::Fails];
}
