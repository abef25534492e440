//! One response, or one request of a client to the server that is judged, built up from the frames on its stream (§8.1):
//! interim heads, the head, content, trailers, its end.

use super::{
    clauses::{Clause, Clauses},
    field_block::{Section, Status},
};
use crate::{http2::hpack::Field, script::Method};
use bytes::Bytes;
use std::sync::Arc;

/// A response, as far as it has arrived.
#[derive(Clone, Debug, Default)]
pub(super) struct Response {
    method: Method,
    /// Whether it is a request, which has no status.
    is_request: bool,
    part: Part,
    /// What the peer has sent of it.
    pub sent: SentResponse,
}

/// A response as its peer sent it: what a client may hand to its application, and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct SentResponse {
    /// The interim heads (§8.1), in order.
    pub interim: Vec<SentHead>,
    /// The final head.
    pub head: Option<SentHead>,
    /// The content of the DATA frames, in order.
    pub content: Vec<Bytes>,
    /// The content of a DATA frame that has arrived in part, which a client may hand over before the rest.
    pub begun: Bytes,
    /// The field lines of the trailers.
    pub trailers: Option<Arc<[Field]>>,
    /// The length that the head announces: that of its content-length field, if the response may have content.
    pub announced: Option<u64>,
    /// Whether the peer sent a head or trailers that are too large to be read (§6.5.2).
    pub is_unread: bool,
}

/// The head of a response as its peer sent it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SentHead {
    /// The status code.
    pub status: u16,
    /// The field lines in order, without the pseudo-header fields.
    pub fields: Arc<[Field]>,
}

impl SentResponse {
    /// The length of the content so far.
    pub fn length(&self) -> usize {
        self.content.iter().map(Bytes::len).sum()
    }
}

#[derive(Clone, Debug, Default)]
enum Part {
    /// No final head has arrived.
    #[default]
    AwaitingHead,
    /// The head has arrived, and this much content.
    Content { expected: Expected, received: u64 },
    /// The whole response has arrived.
    Complete,
}

/// The amount of content that content-length fields and the rules of HTTP announce.
#[derive(Clone, Debug)]
enum Expected {
    /// They announce nothing.
    Unknown,
    /// This number of bytes.
    Length(u64),
    /// No content, whatever content-length says (RFC 9110 §6.4.1).
    None,
}

/// The effect of a frame on its response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The frame fits.
    Fits,
    /// The frame fits and completes the response (§8.1).
    Completes,
    /// The frame makes the response malformed (§8.1.1).
    Malformed(Clause),
}

/// A step, and the clause by which a client may still treat the frame as an error.
pub(super) type Judged = (Step, Option<Clause>);

impl Response {
    /// The response to a request with this method, of which nothing has arrived.
    pub(super) fn to(method: Method) -> Response {
        Response { method, ..Response::default() }
    }

    /// A request, of which nothing has arrived.
    pub(super) fn request() -> Response {
        Response { is_request: true, ..Response::default() }
    }

    /// Whether the whole response has arrived.
    pub(super) fn is_complete(&self) -> bool {
        matches!(self.part, Part::Complete)
    }

    /// Takes a HEADERS frame with its CONTINUATION frames.
    pub(super) fn headers(&mut self, section: &Section, end_stream: bool, met: &mut Clauses) -> Judged {
        *met = met.union(section.met);
        if let Some(clause) = section.malformed {
            // Trailers with a pseudo-header field are malformed whatever the field is.
            let trailers = section.has_pseudo && !matches!(self.part, Part::AwaitingHead);
            return (Step::Malformed(if trailers { Clause::PseudoInTrailers } else { clause }), None);
        }
        let step = match self.part {
            Part::AwaitingHead => self.head(section, end_stream, met),
            _ => self.trailers(section, end_stream, met),
        };
        // An interim response has no content, and so no content-length (RFC 9110 §8.6). A client may object to the
        // field, or ignore it, or neither.
        let interim = matches!(section.status, Some(Status::Interim(_))) && !section.content_length.is_empty();
        (step, section.doubtful.or(interim.then_some(Clause::ContentLength)))
    }

    fn head(&mut self, section: &Section, end_stream: bool, met: &mut Clauses) -> Step {
        match section.status {
            // The status of a request counts for nothing.
            _ if self.is_request => self.final_head(0, section, end_stream, met),
            None | Some(Status::Invalid) => Step::Malformed(Clause::StatusMissing),
            Some(Status::Interim(_)) if end_stream => Step::Malformed(Clause::InterimEndsStream),
            Some(Status::Interim(status)) => {
                met.insert(Clause::InterimResponse);
                self.sent.interim.push(SentHead { status, fields: section.fields.clone() });
                Step::Fits
            }
            Some(Status::Final(status)) => self.final_head(status, section, end_stream, met),
        }
    }

    /// Whether it makes a tunnel: it is a successful response to a CONNECT request.
    pub(super) fn is_tunnel(&self) -> bool {
        self.method == Method::Connect && self.sent.head.as_ref().is_some_and(|head| makes_tunnel(head.status))
    }

    fn final_head(&mut self, status: u16, section: &Section, end_stream: bool, met: &mut Clauses) -> Step {
        let expected = match section.content_length[..] {
            _ if self.method == Method::Connect && makes_tunnel(status) => {
                met.insert(Clause::TunnelStatus);
                if !section.content_length.is_empty() {
                    met.insert(Clause::TunnelLength);
                }
                Expected::Unknown
            }
            _ if self.method == Method::Head || matches!(status, 204 | 304) => {
                if section.content_length.iter().any(|length| *length != Some(0)) {
                    met.insert(Clause::NoContent);
                }
                Expected::None
            }
            [] => Expected::Unknown,
            [Some(length)] => Expected::Length(length),
            // No sum of lengths equals two different values, or a value that is not a number.
            _ => return Step::Malformed(Clause::ContentLength),
        };
        self.sent.head = Some(SentHead { status, fields: section.fields.clone() });
        self.sent.announced = match expected {
            Expected::Length(length) => Some(length),
            Expected::Unknown | Expected::None => None,
        };
        self.part = Part::Content { expected, received: 0 };
        self.end(end_stream)
    }

    fn trailers(&mut self, section: &Section, end_stream: bool, met: &mut Clauses) -> Step {
        if self.is_tunnel() {
            met.insert(Clause::OnlyDataInTunnel);
            return Step::Malformed(Clause::OnlyDataInTunnel);
        }
        if section.has_pseudo {
            met.insert(Clause::PseudoInTrailers);
            return Step::Malformed(Clause::PseudoInTrailers);
        }
        if !end_stream {
            return Step::Malformed(Clause::TrailersWithoutEnd);
        }
        self.sent.trailers = Some(section.fields.clone());
        self.end(true)
    }

    /// Takes a DATA frame with this content.
    pub(super) fn data(&mut self, content: Bytes, end_stream: bool) -> Judged {
        let length = content.len();
        let doubtful = match &mut self.part {
            // A frame before the head or after the end is extraneous.
            Part::AwaitingHead | Part::Complete => return (Step::Malformed(Clause::Malformed), None),
            Part::Content { expected, received } => {
                *received += length as u64;
                if length > 0 {
                    self.sent.content.push(content);
                    self.sent.begun = Bytes::new();
                }
                if let Expected::Length(expected) = expected
                    && *received > *expected
                {
                    return (Step::Malformed(Clause::ContentLength), None);
                }
                // The RFC says that such a response has no content, but not how to treat one that has.
                (matches!(expected, Expected::None) && length > 0).then_some(Clause::NoContent)
            }
        };
        (self.end(end_stream), doubtful)
    }

    /// §8.1.1: at the end, the content must have the announced length.
    fn end(&mut self, end_stream: bool) -> Step {
        if !end_stream {
            return Step::Fits;
        }
        if let Part::Content { expected: Expected::Length(expected), received } = self.part
            && expected != received
        {
            return Step::Malformed(Clause::ContentLength);
        }
        self.part = Part::Complete;
        Step::Completes
    }
}

/// RFC 9110 §9.3.6.
fn makes_tunnel(status: u16) -> bool {
    (200..300).contains(&status)
}
