/// An error code of RST_STREAM and GOAWAY (RFC 9113 §7). Unknown codes are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ErrorCode(pub u32);

super::named::named_numbers! {
    ErrorCode(u32) "error code" "{:#x}";
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
