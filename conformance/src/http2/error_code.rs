use serde::{Deserialize, Serialize, de};
use std::fmt;

/// An error code of RST_STREAM and GOAWAY (RFC 9113 §7). Unknown codes are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ErrorCode(pub u32);

macro_rules! error_codes {
    ($($code:literal $name:ident $doc:literal)*) => {
        impl ErrorCode {
            $(#[doc = $doc] pub const $name: ErrorCode = ErrorCode($code);)*

            /// Every code that RFC 9113 defines, in registry order.
            pub const NAMED: &'static [ErrorCode] = &[$(ErrorCode::$name),*];

            /// The code's name in RFC 9113 §7, if it has one.
            pub fn name(self) -> Option<&'static str> {
                match self { $(ErrorCode::$name => Some(stringify!($name)),)* _ => None }
            }

            /// The code with this name.
            pub fn from_name(name: &str) -> Option<ErrorCode> {
                match name { $(stringify!($name) => Some(ErrorCode::$name),)* _ => None }
            }
        }
    };
}

error_codes! {
    0x00 NO_ERROR "Not a result of an error: a graceful shutdown, for example."
    0x01 PROTOCOL_ERROR "An unspecific protocol error."
    0x02 INTERNAL_ERROR "An unexpected internal error."
    0x03 FLOW_CONTROL_ERROR "The peer violated the flow-control protocol."
    0x04 SETTINGS_TIMEOUT "A SETTINGS frame was not acknowledged in time."
    0x05 STREAM_CLOSED "A frame arrived on a half-closed stream."
    0x06 FRAME_SIZE_ERROR "A frame had an invalid size."
    0x07 REFUSED_STREAM "The stream was refused before any application processing (§8.7)."
    0x08 CANCEL "The stream is no longer needed."
    0x09 COMPRESSION_ERROR "The field section compression context cannot be maintained."
    0x0a CONNECT_ERROR "The connection made for a CONNECT request was reset or closed abnormally."
    0x0b ENHANCE_YOUR_CALM "The peer might be generating excessive load."
    0x0c INADEQUATE_SECURITY "The transport does not meet minimum security requirements (§9.2)."
    0x0d HTTP_1_1_REQUIRED "HTTP/1.1 must be used instead of HTTP/2."
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "{:#x}", self.0),
        }
    }
}

/// By its name, or by its number in hexadecimal.
impl Serialize for ErrorCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ErrorCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<ErrorCode, D::Error> {
        let text = String::deserialize(deserializer)?;
        let number = || u32::from_str_radix(text.strip_prefix("0x")?, 16).ok().map(ErrorCode);
        let code = ErrorCode::from_name(&text).or_else(number);
        code.ok_or_else(|| de::Error::custom(format!("unknown error code `{text}`")))
    }
}
