//! Reads the errors of one stack, as far as it is the same text for both.
//!
//! This file is compiled twice: `legacy` and `modern` each have it as a module of their own. `hyper` and `h2` are the
//! crates that the parent module gives these names, so every type here is one of that parent's stack. It cannot name a
//! version: the manifest has no crate with a bare name, and a test forbids the versioned ones.

#![allow(clippy::duplicate_mod, reason = "each stack has a module of its own")]

use super::{PoolError, This, h2, h2::Reason, hyper, pool_link};
use crate::{
    chain::{H2Link, HyperLink, Link, Origin, Scope},
    classifiers::{Reader, common_inner, common_link, held_as},
    http2::ErrorCode,
};
use std::error::Error;

impl Reader for This {
    fn link(&self, error: &(dyn Error + 'static)) -> Link {
        own_link(error).unwrap_or_else(|| common_link(error))
    }

    fn inner<'e>(&self, error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
        own_inner(error).or_else(|| common_inner(error))
    }
}

/// The link for an error of this stack; `None` for any other error.
pub(in crate::classifiers) fn own_link(error: &(dyn Error + 'static)) -> Option<Link> {
    if let Some(error) = error.downcast_ref::<h2::Error>() {
        return Some(Link::H2(H2Link { scope: scope(error), origin: origin(error), reason: error.reason().map(code) }));
    }
    if let Some(link) = pool_link(error) {
        return Some(link);
    }
    let error = error.downcast_ref::<hyper::Error>()?;
    Some(Link::Hyper(HyperLink {
        timeout: error.is_timeout(),
        user: error.is_user(),
        canceled: error.is_canceled(),
        closed: error.is_closed(),
        incomplete_message: error.is_incomplete_message(),
        body_write_aborted: error.is_body_write_aborted(),
        parse: error.is_parse(),
    }))
}

/// The error inside an error of this stack that `source()` does not show: h2's error has none, only `get_io`.
pub(in crate::classifiers) fn own_inner<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    let error = error.downcast_ref::<h2::Error>()?;
    error.get_io().map(|inner| inner as &(dyn Error + 'static))
}

/// The error of this stack that an `Arc` or a `Box` holds; `None` for any other error.
pub(in crate::classifiers) fn held<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    held_as::<hyper::Error>(error).or_else(|| held_as::<h2::Error>(error)).or_else(|| held_as::<PoolError>(error))
}

fn scope(error: &h2::Error) -> Scope {
    if error.is_go_away() {
        Scope::Connection
    } else if error.is_reset() {
        Scope::Stream
    } else if error.is_io() {
        Scope::Transport
    } else {
        Scope::Call
    }
}

fn origin(error: &h2::Error) -> Origin {
    if error.is_remote() {
        Origin::Remote
    } else if error.is_library() {
        Origin::Library
    } else {
        Origin::User
    }
}

/// The code as a user of this h2 sees it. A constant whose number is not that of RFC 9113 §7 wins over the number,
/// because users compare against constants.
fn code(reason: Reason) -> ErrorCode {
    let number = ErrorCode(reason.into());
    let wrong = REASONS.iter().find(|(constant, code)| *constant == reason && *code != number);
    wrong.map_or(number, |(_, code)| *code)
}

/// The constants of this h2, and the codes that they are named after.
const REASONS: [(Reason, ErrorCode); 14] = [
    (Reason::NO_ERROR, ErrorCode::NO_ERROR),
    (Reason::PROTOCOL_ERROR, ErrorCode::PROTOCOL_ERROR),
    (Reason::INTERNAL_ERROR, ErrorCode::INTERNAL_ERROR),
    (Reason::FLOW_CONTROL_ERROR, ErrorCode::FLOW_CONTROL_ERROR),
    (Reason::SETTINGS_TIMEOUT, ErrorCode::SETTINGS_TIMEOUT),
    (Reason::STREAM_CLOSED, ErrorCode::STREAM_CLOSED),
    (Reason::FRAME_SIZE_ERROR, ErrorCode::FRAME_SIZE_ERROR),
    (Reason::REFUSED_STREAM, ErrorCode::REFUSED_STREAM),
    (Reason::CANCEL, ErrorCode::CANCEL),
    (Reason::COMPRESSION_ERROR, ErrorCode::COMPRESSION_ERROR),
    (Reason::CONNECT_ERROR, ErrorCode::CONNECT_ERROR),
    (Reason::ENHANCE_YOUR_CALM, ErrorCode::ENHANCE_YOUR_CALM),
    (Reason::INADEQUATE_SECURITY, ErrorCode::INADEQUATE_SECURITY),
    (Reason::HTTP_1_1_REQUIRED, ErrorCode::HTTP_1_1_REQUIRED),
];
