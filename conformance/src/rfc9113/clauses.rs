//! The sentences of RFC 9113 that the model follows, in the RFC's words, and those of other RFCs that it needs for them.
//!
//! Everything that §5.1, §5.4, §6.4, §6.8, §8.1, §8.1.1 and §8.7 require of a client is here ([`Clause::is_required`]).
//! The other sections have only the rules for handling frames, and those for senders ([`Clause::for_senders`]). A clause is
//! *met* when something happens that it covers.

use crate::http2::ErrorCode;
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! clauses {
    ($($(#[$doc:meta])* $name:ident $section:literal $text:literal)*) => {
        /// A sentence of RFC 9113, or of another RFC.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        #[allow(missing_docs, reason = "`Clause::text` documents each")]
        pub enum Clause { $($name),* }

        impl Clause {
            /// Every clause, in the order of the sections.
            pub const ALL: &[Clause] = &[$(Clause::$name),*];

            /// The number of the section, after the name of its document if that is not RFC 9113.
            pub fn section(self) -> &'static str {
                match self { $(Clause::$name => $section),* }
            }

            /// The sentence, in the RFC's words; "…" stands for parts that do not bind a client.
            pub fn text(self) -> &'static str {
                match self { $(Clause::$name => $text),* }
            }

            /// Its name.
            pub fn name(self) -> &'static str {
                match self { $(Clause::$name => stringify!($name)),* }
            }
        }
    };
}

clauses! {
    ServerPreface "3.4" "The server connection preface consists of a potentially empty SETTINGS frame (Section 6.5) that MUST be the first frame the server sends in the HTTP/2 connection."
    InvalidPreface "3.4" "Clients and servers MUST treat an invalid connection preface as a connection error (Section 5.4.1) of type PROTOCOL_ERROR."
    ClientPreface "3.4" "This sequence MUST be followed by a SETTINGS frame (Section 6.5), which MAY be empty."
    UnknownType "4.1" "Implementations MUST ignore and discard frames of unknown types."
    FrameSize "4.2" "An endpoint MUST send an error code of FRAME_SIZE_ERROR if a frame exceeds the size defined in SETTINGS_MAX_FRAME_SIZE, exceeds any limit defined for the frame type, or is too small to contain mandatory frame data."
    FrameSizeOfConnection "4.2" "A frame size error in a frame that could alter the state of the entire connection MUST be treated as a connection error (Section 5.4.1)"
    FrameSizeLimit "4.2" "The size of a frame payload is limited by the maximum size that a receiver advertises in the SETTINGS_MAX_FRAME_SIZE setting."
    FieldBlock "4.3" "Field blocks MUST be transmitted as a contiguous sequence of frames, with no interleaved frames of any other type or from any other stream."
    Decompression "4.3" "A decoding error in a field block MUST be treated as a connection error (Section 5.4.1) of type COMPRESSION_ERROR."
    TableSizeReduced "4.3.1" "Once an endpoint acknowledges a change to SETTINGS_HEADER_TABLE_SIZE that reduces the maximum below the current size of the dynamic table, its HPACK encoder MUST start the next field block with a Dynamic Table Size Update instruction that sets the dynamic table to a size that is less than or equal to the reduced maximum"

    OnIdle "5.1" "Receiving any frame other than HEADERS or PRIORITY on a stream in this state MUST be treated as a connection error (Section 5.4.1) of type PROTOCOL_ERROR."
    HeadersOnIdle "5.1" "If this stream is initiated by the server, as described in Section 5.1.1, then receiving a HEADERS frame MUST also be treated as a connection error (Section 5.4.1) of type PROTOCOL_ERROR."
    SentOnReserved "5.1" "An endpoint MUST NOT send any type of frame other than RST_STREAM, WINDOW_UPDATE, or PRIORITY in this state."
    FrameOnReservedStream "5.1" "Receiving any type of frame other than HEADERS, RST_STREAM, or PRIORITY on a stream in this state MUST be treated as a connection error (Section 5.4.1) of type PROTOCOL_ERROR."
    SentOnHalfClosed "5.1" "A stream that is in the \"half-closed (local)\" state cannot be used for sending frames other than WINDOW_UPDATE, PRIORITY, and RST_STREAM."
    OnHalfClosedRemote "5.1" "If an endpoint receives additional frames, other than WINDOW_UPDATE, PRIORITY, or RST_STREAM, for a stream that is in this state, it MUST respond with a stream error (Section 5.4.2) of type STREAM_CLOSED."
    SentOnClosed "5.1" "An endpoint MUST NOT send frames other than PRIORITY on a closed stream."
    OnClosed "5.1" "An endpoint MAY treat receipt of any other type of frame on a closed stream as a connection error (Section 5.4.1) of type STREAM_CLOSED, except as noted below."
    MinimallyProcess "5.1" "An endpoint MUST minimally process and then discard any frames it receives in this state."
    LateOnClosed "5.1" "Endpoints MAY use other signals to detect that a peer has received the frames that caused the stream to enter the \"closed\" state and treat receipt of any frame other than PRIORITY as a connection error (Section 5.4.1) of type PROTOCOL_ERROR."
    NoTimers "5.1" "Endpoints SHOULD NOT use timers for this purpose."
    NotPermitted "5.1" "In the absence of more specific rules, implementations SHOULD treat the receipt of a frame that is not expressly permitted in the description of a state as a connection error (Section 5.4.1) of type PROTOCOL_ERROR."
    UnknownInAnyState "5.1" "Receipt of frames for which the semantics are unknown cannot be treated as an error, as the conditions for sending and receiving those frames are also unknown"
    OddIdentifiers "5.1.1" "Streams initiated by a client MUST use odd-numbered stream identifiers"
    GreaterIdentifiers "5.1.1" "The identifier of a newly established stream MUST be numerically greater than all streams that the initiating endpoint has opened or reserved."
    UnexpectedIdentifier "5.1.1" "An endpoint that receives an unexpected stream identifier MUST respond with a connection error (Section 5.4.1) of type PROTOCOL_ERROR."
    StreamLimit "5.1.2" "Endpoints MUST NOT exceed the limit set by their peer."

    SeveralErrors "5.4" "Implementations MAY discover multiple errors during processing, but they SHOULD report at most one stream and one connection error as a result."
    FirstStreamError "5.4" "The first stream error reported for a given stream prevents any other errors on that stream from being reported."
    AnotherGoaway "5.4" "If this occurs, an endpoint MAY send an additional GOAWAY frame with the new error code, in addition to any prior GOAWAY that contained NO_ERROR."
    AnyError "5.4" "If an endpoint detects multiple different errors, it MAY choose to report any one of those errors."
    ConnectionErrorReported "5.4" "If a frame causes a connection error, that error MUST be reported."
    AnyCode "5.4" "Additionally, an endpoint MAY use any applicable error code when it detects an error condition"
    GoawayFirst "5.4.1" "An endpoint that encounters a connection error SHOULD first send a GOAWAY frame (Section 6.8) with the stream identifier of the last stream that it successfully received from its peer."
    CloseAfterGoaway "5.4.1" "After sending the GOAWAY frame for an error condition, the endpoint MUST close the TCP connection."
    EndAtAnyTime "5.4.1" "An endpoint can end a connection at any time."
    Escalated "5.4.1" "In particular, an endpoint MAY choose to treat a stream error as a connection error."
    GoawayWhenEnding "5.4.1" "Endpoints SHOULD send a GOAWAY frame when ending a connection, providing that circumstances permit it."
    ResetOnStreamError "5.4.2" "An endpoint that detects a stream error sends a RST_STREAM frame (Section 6.4) that contains the stream identifier of the stream where the error occurred."
    LastFrame "5.4.2" "A RST_STREAM is the last frame that an endpoint can send on a stream."
    FramesAfterReset "5.4.2" "The peer that sends the RST_STREAM frame MUST be prepared to receive any frames that were sent or enqueued for sending by the remote peer."
    OneReset "5.4.2" "Normally, an endpoint SHOULD NOT send more than one RST_STREAM frame for any stream."
    AnotherReset "5.4.2" "However, an endpoint MAY send additional RST_STREAM frames if it receives frames on a closed stream after more than a round-trip time."
    NoResetForReset "5.4.2" "To avoid looping, an endpoint MUST NOT send a RST_STREAM in response to a RST_STREAM frame."
    NotRetriedAfterLoss "5.4.3" "If the TCP connection is closed or reset while streams remain in the \"open\" or \"half-closed\" states, then the affected streams cannot be automatically retried"

    UnknownValues "5.5" "Implementations MUST ignore unknown or unsupported values in all extensible protocol elements."
    UnknownInFieldBlock "5.5" "However, extension frames that appear in the middle of a field block (Section 4.3) are not permitted; these MUST be treated as a connection error (Section 5.4.1) of type PROTOCOL_ERROR."

    DataOnConnection "6.1" "If a DATA frame is received whose Stream Identifier field is 0x00, the recipient MUST respond with a connection error (Section 5.4.1) of type PROTOCOL_ERROR."
    DataOnClosed "6.1" "If a DATA frame is received whose stream is not in the \"open\" or \"half-closed (local)\" state, the recipient MUST respond with a stream error (Section 5.4.2) of type STREAM_CLOSED."
    TooMuchPadding "6.1" "If the length of the padding is the length of the frame payload or greater, the recipient MUST treat this as a connection error (Section 5.4.1) of type PROTOCOL_ERROR."
    NonZeroPadding "6.1" "A receiver is not obligated to verify padding but MAY treat non-zero padding as a connection error (Section 5.4.1) of type PROTOCOL_ERROR."
    HeadersOnConnection "6.2" "If a HEADERS frame is received whose Stream Identifier field is 0x00, the recipient MUST respond with a connection error (Section 5.4.1) of type PROTOCOL_ERROR."
    HeadersContinued "6.2" "A receiver MUST treat the receipt of any other type of frame or a frame on a different stream as a connection error (Section 5.4.1) of type PROTOCOL_ERROR."
    PriorityOnConnection "6.3" "If a PRIORITY frame is received with a stream identifier of 0x00, the recipient MUST respond with a connection error (Section 5.4.1) of type PROTOCOL_ERROR."
    PrioritySize "6.3" "A PRIORITY frame with a length other than 5 octets MUST be treated as a stream error (Section 5.4.2) of type FRAME_SIZE_ERROR."

    ResetEndsStream "6.4" "The RST_STREAM frame fully terminates the referenced stream and causes it to enter the \"closed\" state."
    NothingAfterReset "6.4" "After receiving a RST_STREAM on a stream, the receiver MUST NOT send additional frames for that stream, except for PRIORITY."
    PreparedAfterReset "6.4" "However, after sending the RST_STREAM, the sending endpoint MUST be prepared to receive and process additional frames sent on the stream that might have been sent by the peer prior to the arrival of the RST_STREAM."
    ResetOnConnection "6.4" "If a RST_STREAM frame is received with a stream identifier of 0x00, the recipient MUST treat this as a connection error (Section 5.4.1) of type PROTOCOL_ERROR."
    ResetOnIdle "6.4" "If a RST_STREAM frame identifying an idle stream is received, the recipient MUST treat this as a connection error (Section 5.4.1) of type PROTOCOL_ERROR."
    ResetSize "6.4" "A RST_STREAM frame with a length other than 4 octets MUST be treated as a connection error (Section 5.4.1) of type FRAME_SIZE_ERROR."
    ResetNotOnIdle "6.4" "RST_STREAM frames MUST NOT be sent for a stream in the \"idle\" state."

    AckSize "6.5" "Receipt of a SETTINGS frame with the ACK flag set and a length field value other than 0 MUST be treated as a connection error (Section 5.4.1) of type FRAME_SIZE_ERROR."
    SettingsOnStream "6.5" "If an endpoint receives a SETTINGS frame whose Stream Identifier field is anything other than 0x00, the endpoint MUST respond with a connection error (Section 5.4.1) of type PROTOCOL_ERROR."
    SettingsSize "6.5" "A SETTINGS frame with a length other than a multiple of 6 octets MUST be treated as a connection error (Section 5.4.1) of type FRAME_SIZE_ERROR."
    EnablePushValue "6.5.2" "Any value other than 0 or 1 MUST be treated as a connection error (Section 5.4.1) of type PROTOCOL_ERROR."
    EnablePushByServer "6.5.2" "A client MUST treat receipt of a SETTINGS frame with SETTINGS_ENABLE_PUSH set to 1 as a connection error (Section 5.4.1) of type PROTOCOL_ERROR."
    InitialWindowValue "6.5.2" "Values above the maximum flow-control window size of 231-1 MUST be treated as a connection error (Section 5.4.1) of type FLOW_CONTROL_ERROR."
    MaxFrameSizeValue "6.5.2" "Values outside this range MUST be treated as a connection error (Section 5.4.1) of type PROTOCOL_ERROR."
    UnknownSetting "6.5.2" "An endpoint that receives a SETTINGS frame with any unknown or unsupported identifier MUST ignore that setting."
    SectionSize "6.5.2" "This advisory setting informs a peer of the maximum field section size that the sender is prepared to accept, in units of octets."
    Acknowledged "6.5.3" "Once all values have been processed, the recipient MUST immediately emit a SETTINGS frame with the ACK flag set."

    PushDisabled "6.6" "An endpoint that has set this setting and has received acknowledgment MUST treat the receipt of a PUSH_PROMISE frame as a connection error (Section 5.4.1) of type PROTOCOL_ERROR."
    PushOnConnection "6.6" "If the Stream Identifier field specifies the value 0x00, a recipient MUST respond with a connection error (Section 5.4.1) of type PROTOCOL_ERROR."
    PushOnClosed "6.6" "A receiver MUST treat the receipt of a PUSH_PROMISE on a stream that is neither \"open\" nor \"half-closed (local)\" as a connection error (Section 5.4.1) of type PROTOCOL_ERROR."
    PushAfterReset "6.6" "However, an endpoint that has sent RST_STREAM on the associated stream MUST handle PUSH_PROMISE frames that might have been created before the RST_STREAM frame is received and processed."
    PromisedIdentifier "6.6" "A receiver MUST treat the receipt of a PUSH_PROMISE that promises an illegal stream identifier (Section 5.1.1) as a connection error (Section 5.4.1) of type PROTOCOL_ERROR."
    PushContinued "6.6" "A PUSH_PROMISE frame without the END_HEADERS flag set MUST be followed by a CONTINUATION frame for the same stream."
    PingOnStream "6.7" "If a PING frame is received with a Stream Identifier field value other than 0x00, the recipient MUST respond with a connection error (Section 5.4.1) of type PROTOCOL_ERROR."
    PingSize "6.7" "Receipt of a PING frame with a length field value other than 8 MUST be treated as a connection error (Section 5.4.1) of type FRAME_SIZE_ERROR."
    PingAnswered "6.7" "Receivers of a PING frame that does not include an ACK flag MUST send a PING frame with the ACK flag set in response, with an identical frame payload."

    NoNewStreams "6.8" "Receivers of a GOAWAY frame MUST NOT open additional streams on the connection, although a new connection can be established for new streams."
    StreamsAbove "6.8" "If the receiver of the GOAWAY has sent data on streams with a higher stream identifier than what is indicated in the GOAWAY frame, those streams are not or will not be processed."
    GoawayWhenDone "6.8" "A GOAWAY frame might not immediately precede closing of the connection; a receiver of a GOAWAY that has no more use for the connection SHOULD still send a GOAWAY frame before terminating the connection."
    GoawayOnStream "6.8" "An endpoint MUST treat a GOAWAY frame with a stream identifier other than 0x00 as a connection error (Section 5.4.1) of type PROTOCOL_ERROR."
    StreamsBelow "6.8" "All streams up to and including the identified stream might have been processed in some way."
    NoGoaway "6.8" "If a connection terminates without a GOAWAY frame, the last stream identifier is effectively the highest possible stream identifier."
    NotReattempted "6.8" "On streams with lower- or equal-numbered identifiers that were not closed completely prior to the connection being closed, reattempting requests, transactions, or any protocol activity is not possible, except for idempotent actions like HTTP GET, PUT, or DELETE."
    MightStillComplete "6.8" "Activity on streams numbered lower than or equal to the last stream identifier might still complete successfully."
    SeveralGoaways "6.8" "An endpoint MAY send multiple GOAWAY frames if circumstances change."
    LastGoaway "6.8" "The last stream identifier from the last GOAWAY frame received indicates which streams could have been acted upon."
    RaisedIdentifier "6.8" "Endpoints MUST NOT increase the value they send in the last stream identifier, since the peers might already have retried unprocessed requests on another connection."
    ShutdownImminent "6.8" "This signals to the client that a shutdown is imminent and that initiating further requests is prohibited."
    DebugData "6.8" "Additional debug data is intended for diagnostic purposes only and carries no semantic value."
    GoawayCode "6.8" "The GOAWAY frame also contains a 32-bit error code (Section 7) that contains the reason for closing the connection."
    GoawayIdentifier "6.8" "The last stream identifier in the GOAWAY frame contains the highest-numbered stream identifier for which the sender of the GOAWAY frame might have taken some action on or might yet take action on."

    UnableToAccept "6.9" "A receiver MAY respond with a stream error (Section 5.4.2) or connection error (Section 5.4.1) of type FLOW_CONTROL_ERROR if it is unable to accept a frame."
    AlwaysAccounted "6.9" "A receiver that receives a flow-controlled frame MUST always account for its contribution against the connection flow-control window, unless the receiver treats this as a connection error (Section 5.4.1)."
    ZeroIncrement "6.9" "A receiver MUST treat the receipt of a WINDOW_UPDATE frame with a flow-control window increment of 0 as a stream error (Section 5.4.2) of type PROTOCOL_ERROR"
    ZeroIncrementOnConnection "6.9" "errors on the connection flow-control window MUST be treated as a connection error (Section 5.4.1)."
    WindowUpdateSize "6.9" "A WINDOW_UPDATE frame with a length other than 4 octets MUST be treated as a connection error (Section 5.4.1) of type FRAME_SIZE_ERROR."
    IncrementRange "6.9" "The legal range for the increment to the flow-control window is 1 to 231-1 (2,147,483,647) octets."
    WindowOverflow "6.9.1" "If a sender receives a WINDOW_UPDATE that causes a flow-control window to exceed this maximum, it MUST terminate either the stream or the connection, as appropriate."
    WithinWindow "6.9.1" "The sender MUST NOT send a flow-controlled frame with a length that exceeds the space available in either of the flow-control windows advertised by the receiver."
    WindowMaximum "6.9.1" "A sender MUST NOT allow a flow-control window to exceed 231-1 octets."
    InitialWindowOverflow "6.9.2" "An endpoint MUST treat a change to SETTINGS_INITIAL_WINDOW_SIZE that causes any flow-control window to exceed the maximum size as a connection error (Section 5.4.1) of type FLOW_CONTROL_ERROR."
    ContinuationWithoutHeaders "6.10" "A CONTINUATION frame MUST be preceded by a HEADERS, PUSH_PROMISE or CONTINUATION frame without the END_HEADERS flag set. A recipient that observes violation of this rule MUST respond with a connection error (Section 5.4.1) of type PROTOCOL_ERROR."

    CancelCode "7" "CANCEL (0x08): The endpoint uses this error code to indicate that the stream is no longer needed."

    NewStream "8.1" "A client sends an HTTP request on a new stream, using a previously unused stream identifier (Section 5.1.1)."
    InterimResponse "8.1" "For a response only, a server MAY send any number of interim responses before the HEADERS frame containing a final response."
    InterimEndsStream "8.1" "A HEADERS frame with the END_STREAM flag set that carries an informational status code is malformed (Section 8.1.1)."
    EndStreamBeforeContinuation "8.1" "The last frame in the sequence bears an END_STREAM flag, noting that a HEADERS frame with the END_STREAM flag set can be followed by CONTINUATION frames that carry any remaining fragments of the field block."
    NothingBetween "8.1" "Other frames (from any stream) MUST NOT occur between the HEADERS frame and any CONTINUATION frames that might follow."
    PseudoInTrailers "8.1" "An endpoint that receives pseudo-header fields in trailers MUST treat the request or response as malformed (Section 8.1.1)."
    TrailersWithoutEnd "8.1" "An endpoint that receives a HEADERS frame without the END_STREAM flag set after receiving the HEADERS frame that opens a request or after receiving a final (non-informational) status code MUST treat the corresponding request or response as malformed (Section 8.1.1)."
    ResponseComplete "8.1" "An HTTP response is complete after the server sends -- or the client receives -- a frame with the END_STREAM flag set (including any CONTINUATION frames needed to complete a field block)."
    EarlyResponse "8.1" "A server can send a complete response prior to the client sending an entire request if the response does not depend on any portion of the request that has not been sent and received."
    ResponseKept "8.1" "Clients MUST NOT discard responses as a result of receiving such a RST_STREAM, though clients can always discard responses at their discretion for other reasons."
    Malformed "8.1.1" "A malformed request or response is one that is an otherwise valid sequence of HTTP/2 frames but is invalid due to the presence of extraneous frames, prohibited fields or pseudo-header fields, the absence of mandatory pseudo-header fields, the inclusion of uppercase field names, or invalid field names and/or values (in certain circumstances; see Section 8.2)."
    ContentLength "8.1.1" "A request or response is also malformed if the value of a content-length header field does not equal the sum of the DATA frame payload lengths that form the content, unless the message is defined as having no content."
    NoContent "8.1.1" "A response that is defined to have no content, as described in Section 6.4.1 of [HTTP], MAY have a non-zero content-length header field, even though no content is included in DATA frames."
    MalformedIsStreamError "8.1.1" "Malformed requests or responses that are detected MUST be treated as a stream error (Section 5.4.2) of type PROTOCOL_ERROR."
    MalformedNotAccepted "8.1.1" "Clients MUST NOT accept a malformed response."

    FieldNames "8.2.1" "A field name MUST NOT contain characters in the ranges 0x00-0x20, 0x41-0x5a, or 0x7f-0xff (all ranges inclusive)."
    FieldNameColon "8.2.1" "With the exception of pseudo-header fields (Section 8.3), which have a name that starts with a single colon, field names MUST NOT include a colon (ASCII COLON, 0x3a)."
    FieldValues "8.2.1" "A field value MUST NOT contain the zero value (ASCII NUL, 0x00), line feed (ASCII LF, 0x0a), or carriage return (ASCII CR, 0x0d) at any position."
    FieldValueSpace "8.2.1" "A field value MUST NOT start or end with an ASCII whitespace character (ASCII SP or HTAB, 0x20 or 0x09)."
    FieldSyntax "8.2.1" "HTTP/2 implementations SHOULD validate field names and values according to their definitions in Sections 5.1 and 5.5 of [HTTP], respectively, and treat messages that contain prohibited characters as malformed (Section 8.1.1)."
    ConnectionFields "8.2.2" "Any message containing connection-specific header fields MUST be treated as malformed (Section 8.1.1)."
    TeField "8.2.2" "The only exception to this is the TE header field, which MAY be present in an HTTP/2 request; when it is, it MUST NOT contain any value other than \"trailers\"."
    UndefinedPseudo "8.3" "Endpoints MUST treat a request or response that contains undefined or invalid pseudo-header fields as malformed (Section 8.1.1)."
    LatePseudo "8.3" "Any request or response that contains a pseudo-header field that appears in a field block after a regular field line MUST be treated as malformed (Section 8.1.1)."
    RepeatedPseudo "8.3" "A field block for an HTTP request or response that contains a repeated pseudo-header field name MUST be treated as malformed (Section 8.1.1)."
    RequestPseudo "8.3.1" "All HTTP/2 requests MUST include exactly one valid value for the \":method\", \":scheme\", and \":path\" pseudo-header fields, unless they are CONNECT requests"
    StatusMissing "8.3.2" "This pseudo-header field MUST be included in all responses, including interim responses; otherwise, the response is malformed (Section 8.1.1)."
    ClientPush "8.4" "A client cannot push."
    TunnelPseudo "8.5" "The \":scheme\" and \":path\" pseudo-header fields MUST be omitted."
    OnlyDataInTunnel "8.5" "Frame types other than DATA or stream management frames (RST_STREAM, WINDOW_UPDATE, and PRIORITY) MUST NOT be sent on a connected stream and MUST be treated as a stream error (Section 5.4.2) if received."
    SwitchingProtocols "8.6" "HTTP/2 does not support the 101 (Switching Protocols) informational status code (Section 15.2.2 of [HTTP])."

    NotAgainByItself "8.7" "In general, an HTTP client is unable to retry a non-idempotent request when an error occurs because there is no means to determine the nature of the error (see Section 9.2.2 of [HTTP])."
    GoawayGuarantee "8.7" "The GOAWAY frame indicates the highest stream number that might have been processed. Requests on streams with higher numbers are therefore guaranteed to be safe to retry."
    RefusedGuarantee "8.7" "The REFUSED_STREAM error code can be included in a RST_STREAM frame to indicate that the stream is being closed prior to any processing having occurred. Any request that was sent on the reset stream can be safely retried."
    NotProcessedNotFailed "8.7" "Requests that have not been processed have not failed; clients MAY automatically retry them, even those with non-idempotent methods."
    Disowned "8.7" "If frames that are on a stream are passed to the application layer for any stream, then REFUSED_STREAM MUST NOT be used for that stream, and a GOAWAY frame MUST include a stream identifier that is greater than or equal to the given stream identifier."
    PingTests "8.7" "The PING frame allows a client to safely test whether a connection is still active without sending a request."

    ConnectProtocolValue "RFC 8441 3" "The value of the parameter MUST be 0 or 1."
    ExtendedConnect "RFC 8441 4" "On requests that contain the :protocol pseudo-header field, the :scheme and :path pseudo-header fields of the target URI (see Section 5) MUST also be included."
    TunnelStatus "RFC 9110 9.3.6" "Any 2xx (Successful) response indicates that the sender (and all inbound proxies) will switch to tunnel mode immediately after the response header section"
    TunnelLength "RFC 9110 9.3.6" "A client MUST ignore any Content-Length or Transfer-Encoding header fields received in a successful response to CONNECT."
    RepeatedLength "RFC 9110 8.6" "a recipient of a Content-Length header field value consisting of the same decimal value repeated as a comma-separated list … MAY either reject the message as invalid or replace that invalid field value with a single instance of the decimal value"
}

impl Clause {
    /// The sections that are here in full, as far as they bind a client.
    const REQUIRED: [&'static str; 11] =
        ["5.1", "5.1.1", "5.1.2", "5.4", "5.4.1", "5.4.2", "5.4.3", "6.4", "6.8", "8.1", "8.1.1"];

    /// The clauses for senders that a client is held to.
    const HELD: [Clause; 28] = [
        Clause::ClientPreface,
        Clause::FrameSizeLimit,
        Clause::FieldBlock,
        Clause::TableSizeReduced,
        Clause::SentOnHalfClosed,
        Clause::SentOnClosed,
        Clause::OddIdentifiers,
        Clause::GreaterIdentifiers,
        Clause::StreamLimit,
        Clause::EndAtAnyTime,
        Clause::ResetOnStreamError,
        Clause::LastFrame,
        Clause::NoResetForReset,
        Clause::NothingAfterReset,
        Clause::ResetNotOnIdle,
        Clause::Acknowledged,
        Clause::PingAnswered,
        Clause::NoNewStreams,
        Clause::GoawayIdentifier,
        Clause::IncrementRange,
        Clause::WithinWindow,
        Clause::WindowMaximum,
        Clause::CancelCode,
        Clause::NewStream,
        Clause::RequestPseudo,
        Clause::ClientPush,
        Clause::TunnelPseudo,
        Clause::ExtendedConnect,
    ];

    /// The clauses for senders that are met, but that no client is held to: what it only should do, and what needs more
    /// than the model has, which are the states of promised streams and the time that a client has to close.
    const COUNTED: [Clause; 6] = [
        Clause::SentOnReserved,
        Clause::GoawayFirst,
        Clause::CloseAfterGoaway,
        Clause::GoawayWhenEnding,
        Clause::OneReset,
        Clause::GoawayWhenDone,
    ];

    /// What the model does with a clause that binds the sender of a frame; `None` for a clause that does not, or that
    /// binds both ends and is met by what the peer sends, such as those on fields (§8.2). A client that breaks such a
    /// clause, or does not report the error that it makes of a frame, is at fault all the same.
    pub fn for_senders(self) -> Option<ForSenders> {
        match (Clause::HELD.contains(&self), Clause::COUNTED.contains(&self)) {
            (true, _) => Some(ForSenders::Held),
            (_, true) => Some(ForSenders::Counted),
            _ => None,
        }
    }

    /// The document and the section: `RFC 9113 §6.5.3`.
    pub fn citation(self) -> String {
        let document = if self.section().contains(' ') { "" } else { "RFC 9113 " };
        format!("{document}{self}")
    }

    /// The error code that it names, or else PROTOCOL_ERROR.
    pub fn code(self) -> ErrorCode {
        match self {
            Clause::FrameSize
            | Clause::FrameSizeOfConnection
            | Clause::PrioritySize
            | Clause::ResetSize
            | Clause::AckSize
            | Clause::SettingsSize
            | Clause::PingSize
            | Clause::WindowUpdateSize => ErrorCode::FRAME_SIZE_ERROR,
            Clause::Decompression => ErrorCode::COMPRESSION_ERROR,
            Clause::OnHalfClosedRemote | Clause::OnClosed | Clause::DataOnClosed => ErrorCode::STREAM_CLOSED,
            Clause::InitialWindowValue
            | Clause::InitialWindowOverflow
            | Clause::WindowOverflow
            | Clause::UnableToAccept => ErrorCode::FLOW_CONTROL_ERROR,
            _ => ErrorCode::PROTOCOL_ERROR,
        }
    }

    /// Whether it says what makes a response malformed (§8.1.1).
    pub fn makes_malformed(self) -> bool {
        matches!(
            self,
            Clause::InterimEndsStream
                | Clause::PseudoInTrailers
                | Clause::TrailersWithoutEnd
                | Clause::Malformed
                | Clause::ContentLength
                | Clause::MalformedIsStreamError
                | Clause::FieldNames
                | Clause::FieldNameColon
                | Clause::FieldValues
                | Clause::FieldValueSpace
                | Clause::FieldSyntax
                | Clause::ConnectionFields
                | Clause::UndefinedPseudo
                | Clause::LatePseudo
                | Clause::RepeatedPseudo
                | Clause::StatusMissing
                | Clause::SwitchingProtocols
        )
    }

    /// Whether a run must meet it.
    pub fn is_required(self) -> bool {
        Clause::REQUIRED.contains(&self.section()) || self.section() == "8.7"
    }
}

/// What the model does with a clause that binds the sender of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ForSenders {
    /// It holds a client to the clause.
    Held,
    /// It counts how often the clause is met.
    Counted,
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.section().rsplit_once(' ') {
            Some((document, section)) => write!(f, "{document} §{section}"),
            None => write!(f, "§{}", self.section()),
        }
    }
}

/// A set of clauses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Clauses([u64; Clause::ALL.len().div_ceil(64)]);

impl Clauses {
    /// Adds a clause.
    pub fn insert(&mut self, clause: Clause) {
        self.0[clause as usize / 64] |= 1 << (clause as usize % 64);
    }

    /// Whether the clause is in it.
    pub fn contains(self, clause: Clause) -> bool {
        self.0[clause as usize / 64] >> (clause as usize % 64) & 1 == 1
    }

    /// The clauses that are in this set, in the other, or in both.
    pub fn union(self, other: Clauses) -> Clauses {
        Clauses(std::array::from_fn(|word| self.0[word] | other.0[word]))
    }

    /// The clauses in it, in the order of the sections.
    pub fn iter(self) -> impl Iterator<Item = Clause> {
        Clause::ALL.iter().copied().filter(move |clause| self.contains(*clause))
    }
}
