use crate::http2::hpack::Field;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::fmt;

/// An application's request. The client adds the pseudo-header fields. `:path` ends with the request's number (`/0`, `/1`,
/// …), because stream identifiers do not identify requests: a request that is never sent may use one up.
///
/// In TOML: `{ method = "POST", headers = [["te", "trailers"]], body = { size = 10 } }`.
///
/// A CONNECT request makes a tunnel (RFC 9113 §8.5): its content is what the application writes into it. It has an
/// authority in place of a path, which begins with the request's number, unless it has a `protocol` (RFC 8441).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct Request {
    method: Method,
    #[serde(default, skip_serializing_if = "is_default")]
    protocol: Option<Protocol>,
    #[serde(default, skip_serializing_if = "is_default", deserialize_with = "valid_path")]
    path: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "valid_fields")]
    headers: Vec<Field>,
    #[serde(default, skip_serializing_if = "is_default")]
    body: Body,
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "valid_fields")]
    trailers: Vec<Field>,
    #[serde(default, skip_serializing_if = "is_default")]
    read: Reads,
}

impl<'de> Deserialize<'de> for Request {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Request, D::Error> {
        let request = Request::deserialize(deserializer)?;
        request.contradiction().map_or(Ok(request), |what| Err(D::Error::custom(what)))
    }
}

impl Serialize for Request {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Request::serialize(self, serializer)
    }
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

fn valid_fields<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Field>, D::Error> {
    let fields = Vec::<Field>::deserialize(deserializer)?;
    match fields.iter().find(|(name, value)| !is_valid(name, value)) {
        Some((name, value)) => Err(D::Error::custom(format!(
            "`{name}: {value}` is not a field line: the name must be a lower-case token, the value visible ASCII"
        ))),
        None => Ok(fields),
    }
}

fn valid_path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let path = String::deserialize(deserializer)?;
    let refused = || D::Error::custom(format!("the path `{path}` is not segments of letters and digits: `/a/b`"));
    if is_path(&path) { Ok(path) } else { Err(refused()) }
}

/// The maximum length of a path.
const MAX_PATH: usize = 255;

/// Whether it is segments of unreserved characters (RFC 3986 §2.3), each after a slash.
fn is_path(path: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let mut segments = path.split('/');
    path.len() <= MAX_PATH
        && segments.next() == Some("")
        && segments.all(|segment| !segment.is_empty() && segment.bytes().all(unreserved))
}

/// Whether the name is a lower-case token (RFC 9110 §5.6.2), and the value holds only visible ASCII and inner spaces.
fn is_valid(name: &str, value: &str) -> bool {
    let token = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let visible = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    !name.is_empty() && name.bytes().all(token) && value.bytes().all(visible) && value.trim() == value
}

/// The protocol that is spoken in the tunnel of an extended CONNECT request (RFC 8441).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// WebSocket.
    Websocket,
}

/// The methods of RFC 9110 §9 and RFC 5789.
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
    Connect,
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
    /// Nothing, unless a step feeds the body: the application neither ends it nor gives up.
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
        Request {
            method,
            protocol: None,
            path: String::new(),
            headers: Vec::new(),
            body: Body::EMPTY,
            trailers: Vec::new(),
            read: Reads::All,
        }
    }

    /// The same request, of whose response the application reads this much.
    pub fn reading(mut self, read: Reads) -> Request {
        self.read = read;
        self
    }

    /// The same request with content. In a tunnel, content that would fail ends.
    pub fn with_body(mut self, body: Body) -> Request {
        self.body = body;
        if self.is_connect() && body.end == BodyEnd::Fails {
            self.body.end = BodyEnd::Complete;
        }
        self
    }

    /// The same request as a POST with this content.
    pub fn as_post(&self, body: Body) -> Request {
        Request { method: Method::Post, protocol: None, body, ..self.clone() }
    }

    /// The same request, in whose tunnel this protocol is spoken; only CONNECT makes one.
    pub fn speaking(mut self, protocol: Protocol) -> Request {
        self.protocol = self.is_connect().then_some(protocol);
        self
    }

    /// What cannot be together in one request.
    fn contradiction(&self) -> Option<&'static str> {
        let is_connect = self.is_connect();
        let found = [
            (!is_connect && self.protocol.is_some(), "only a CONNECT request has a `protocol`"),
            (is_connect && !self.trailers.is_empty(), "a CONNECT request makes a tunnel, which has no `trailers`"),
            (is_connect && self.body.end == BodyEnd::Fails, "a tunnel does not fail: a step can `cancel` the request"),
            (is_connect && self.protocol.is_none() && !self.path.is_empty(), "a CONNECT request has no `path`"),
        ];
        found.into_iter().find_map(|(is_so, what)| is_so.then_some(what))
    }

    /// The same request with this path before its number, or `None` if it is not segments of unreserved characters (RFC
    /// 3986 §2.3), each after a slash. No path at all is one too, and the only one of a CONNECT request.
    pub fn with_path(mut self, path: &str) -> Option<Request> {
        self.path = (path.is_empty() || is_path(path)).then(|| path.to_owned())?;
        self.contradiction().is_none().then_some(self)
    }

    /// The same request with one more field line after its content; the names and values are those of
    /// [`Request::with_header`]. A tunnel has none.
    pub fn with_trailer(mut self, name: &str, value: &str) -> Option<Request> {
        self.trailers.push(is_valid(name, value).then(|| (name.to_owned(), value.to_owned()))?);
        self.contradiction().is_none().then_some(self)
    }

    /// The same request with one more field line, or `None` if the name is not a lower-case token (RFC 9110 §5.6.2) or
    /// the value holds anything but visible ASCII and inner spaces.
    pub fn with_header(mut self, name: &str, value: &str) -> Option<Request> {
        self.headers.push(is_valid(name, value).then(|| (name.to_owned(), value.to_owned()))?);
        Some(self)
    }

    /// The same request, which its content ends.
    pub fn without_trailers(mut self) -> Request {
        self.trailers.clear();
        self
    }

    /// The method.
    pub fn method(&self) -> Method {
        self.method
    }

    /// The field lines that the application sets, in order.
    pub fn headers(&self) -> &[Field] {
        &self.headers
    }

    /// Whether it makes a tunnel.
    pub fn is_connect(&self) -> bool {
        self.method == Method::Connect
    }

    /// The protocol of an extended CONNECT request.
    pub fn protocol(&self) -> Option<Protocol> {
        self.protocol
    }

    /// The path before its number; empty, or segments that each begin with a slash.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The content.
    pub fn body(&self) -> Body {
        self.body
    }

    /// The field lines after the content, in order; none if the content ends the request.
    pub fn trailers(&self) -> &[Field] {
        &self.trailers
    }

    /// How much of the response the application reads.
    pub fn read(&self) -> Reads {
        self.read
    }
}

impl Method {
    /// Every method, in the order of the type. A method's index in this list is its number in a corpus file, so new ones
    /// go to the end.
    pub const ALL: [Method; 9] = [
        Method::Get,
        Method::Head,
        Method::Post,
        Method::Put,
        Method::Delete,
        Method::Options,
        Method::Trace,
        Method::Patch,
        Method::Connect,
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
            Method::Connect => "CONNECT",
        }
    }

    /// Whether repeating the request is intended to have the same effect (RFC 9110 §9.2.2).
    pub fn is_idempotent(self) -> bool {
        !matches!(self, Method::Post | Method::Patch | Method::Connect)
    }
}

impl Protocol {
    /// Its name as on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Protocol::Websocket => "websocket",
        }
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

    /// The content after the application has fed it so many more bytes: only content that waits for more takes any.
    pub fn fed(self, bytes: u32, end: bool) -> Body {
        match self.end {
            BodyEnd::Never => Body {
                size: self.size.saturating_add(bytes.min(Body::MAX_SIZE)),
                end: if end { BodyEnd::Complete } else { BodyEnd::Never },
            },
            BodyEnd::Complete | BodyEnd::Fails => self,
        }
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
