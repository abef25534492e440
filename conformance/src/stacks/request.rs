//! Requests and their content, as an application gives them to a client.

use super::{BoxError, pace::Pace};
use crate::{
    http2::hpack::Field,
    peer::TUNNEL,
    script::{BodyEnd, Request, content},
};
use bytes::Bytes;
use std::{
    ops::Deref,
    sync::Arc,
    task::{Context, Poll},
};

/// A request of a script, as its application issues it: with its number, and with content that the script may feed.
#[derive(Clone, Debug)]
pub struct IssuedRequest {
    number: usize,
    request: Request,
    feed: Option<Arc<Pace>>,
}

impl IssuedRequest {
    pub(super) fn new(number: usize, request: Request, feed: Option<Arc<Pace>>) -> IssuedRequest {
        IssuedRequest { number, request, feed }
    }

    /// Its number: it is the one with this index among those of its script.
    pub fn number(&self) -> usize {
        self.number
    }

    /// Its path, which ends with its number.
    pub fn target(&self) -> String {
        format!("{}/{}", self.request.path(), self.number)
    }

    /// Its URI at this origin, which ends with its path. A CONNECT request for no protocol has only an authority, which
    /// begins with its number.
    pub fn uri(&self, origin: &str) -> String {
        match self.request.is_connect() && self.request.protocol().is_none() {
            true => format!("{}{TUNNEL}", self.number),
            false => format!("{origin}{}", self.target()),
        }
    }

    /// Its content, from the start.
    pub fn content(&self) -> Content {
        let body = self.request.body();
        let (left, end) = match body.end() {
            BodyEnd::Complete => (body.size(), ContentEnd::Known),
            BodyEnd::Fails => (body.size(), ContentEnd::Unannounced(Some(BodyFailed.into()))),
            BodyEnd::Never => (0, ContentEnd::Fed(self.feed.clone().unwrap_or_else(|| Pace::new(body.size())))),
        };
        Content {
            number: self.number,
            handed_over: 0,
            left: left as usize,
            end,
            trailers: self.request.trailers().to_vec(),
            ended: false,
        }
    }
}

impl Deref for IssuedRequest {
    type Target = Request;

    fn deref(&self) -> &Request {
        &self.request
    }
}

/// A request of the crate `http`, 0.2 or 1, whose body is the [`Content`] of a script's request.
pub trait HttpRequest: Send + 'static + Sized {
    /// The request, for this origin.
    ///
    /// # Errors
    ///
    /// If the origin is no URI.
    fn new(origin: &str, request: &IssuedRequest) -> Result<Self, BoxError>;
}

/// The application's own error in a request body that fails.
#[derive(Debug, thiserror::Error)]
#[error("the application's request body failed")]
pub struct BodyFailed;

/// The content of a request, in the pieces that the application hands to its client, and the trailers after it.
#[derive(Debug)]
pub struct Content {
    /// The number of its request.
    number: usize,
    handed_over: usize,
    /// The number of bytes that are left, of content that is not fed.
    left: usize,
    end: ContentEnd,
    trailers: Vec<Field>,
    /// Whether the trailers were handed over too.
    ended: bool,
}

#[derive(Debug)]
enum ContentEnd {
    /// It ends, and its size is known before.
    Known,
    /// It goes on and ends as the script says. The client does not know its size.
    Fed(Arc<Pace>),
    /// It ends with this error, or without one. The client does not know its size.
    Unannounced(Option<BoxError>),
}

impl Content {
    /// More than the largest frame that a peer accepts unless it says otherwise: the client has to divide it.
    const PIECE: usize = 32 << 10;

    /// No content.
    pub fn empty() -> Content {
        Content { number: 0, handed_over: 0, left: 0, end: ContentEnd::Known, trailers: Vec::new(), ended: false }
    }

    /// Content without a byte, which ends with this error, or without one. The client does not know its size.
    pub fn ending(error: Option<BoxError>) -> Content {
        Content { end: ContentEnd::Unannounced(error), ..Content::empty() }
    }

    /// The content that is left, if it is known to be all of the request: a client can send such a request again. `None`
    /// if the script feeds it, if it fails, or if trailers follow.
    pub fn whole(&self) -> Option<Bytes> {
        let size = self.exact_size().filter(|_| self.trailers.is_empty())?;
        Some(content(self.number as u32, self.handed_over, size as usize))
    }

    /// The same content from its start, as an application gives it that can make it again.
    pub fn again(&self) -> Content {
        let (left, end) = match &self.end {
            ContentEnd::Known => (self.handed_over + self.left, ContentEnd::Known),
            ContentEnd::Fed(feed) => (0, ContentEnd::Fed(feed.clone())),
            ContentEnd::Unannounced(_) => {
                (self.handed_over + self.left, ContentEnd::Unannounced(Some(BodyFailed.into())))
            }
        };
        Content { number: self.number, handed_over: 0, left, end, trailers: self.trailers.clone(), ended: false }
    }

    /// Whether nothing is left, and the content ends normally.
    pub fn is_complete(&self) -> bool {
        self.exact_size() == Some(0) && (self.trailers.is_empty() || self.ended)
    }

    /// The number of bytes left, if the client knows it.
    pub fn exact_size(&self) -> Option<u64> {
        matches!(self.end, ContentEnd::Known).then_some(self.left as u64)
    }

    /// The next piece: bytes, the application's error, or the end of the bytes. Pending while the script feeds no more.
    pub fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>> {
        let left = match &self.end {
            ContentEnd::Fed(feed) => match feed.poll_more(self.handed_over as u64, cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(left) => usize::try_from(left.unwrap_or_default()).unwrap_or(usize::MAX),
            },
            ContentEnd::Known | ContentEnd::Unannounced(_) => self.left,
        };
        if left > 0 {
            let size = left.min(Content::PIECE);
            let piece = content(self.number as u32, self.handed_over, size);
            self.handed_over += size;
            self.left = self.left.saturating_sub(size);
            return Poll::Ready(Some(Ok(piece)));
        }
        Poll::Ready(match &mut self.end {
            ContentEnd::Unannounced(error) => error.take().map(Err),
            ContentEnd::Known | ContentEnd::Fed(_) => None,
        })
    }

    /// The trailers, once, after the last piece; `None` if there are none.
    pub fn take_trailers(&mut self) -> Option<Vec<Field>> {
        let is_first = !std::mem::replace(&mut self.ended, true);
        (is_first && !self.trailers.is_empty()).then(|| self.trailers.clone())
    }
}
