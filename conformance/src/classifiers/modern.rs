//! Reads the errors of hyper 1 and h2 0.4.

use super::{Reader, common_link, shown_inner};
use crate::{
    chain::{H2Link, HyperLink, Link, Origin, Scope, StackName},
    http2::ErrorCode,
};
use std::error::Error;

/// The reader for hyper 1 on h2 0.4.
#[derive(Clone, Copy, Debug)]
pub struct Modern;

impl Reader for Modern {
    fn stack(&self) -> StackName {
        StackName::Modern
    }

    fn link(&self, error: &(dyn Error + 'static)) -> Link {
        if let Some(error) = error.downcast_ref::<hyper_1::Error>() {
            return Link::Hyper(HyperLink {
                timeout: error.is_timeout(),
                user: error.is_user(),
                canceled: error.is_canceled(),
                closed: error.is_closed(),
                incomplete_message: error.is_incomplete_message(),
                body_write_aborted: error.is_body_write_aborted(),
                parse: error.is_parse(),
            });
        }
        match error.downcast_ref::<h2_04::Error>() {
            Some(error) => Link::H2(H2Link {
                scope: scope(error),
                origin: origin(error),
                reason: error.reason().map(|reason| ErrorCode(reason.into())),
            }),
            None => common_link(error),
        }
    }

    fn inner<'e>(&self, error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
        // h2's error has no source; the I/O error inside it has to be asked for.
        match error.downcast_ref::<h2_04::Error>() {
            Some(error) => error.get_io().map(|inner| inner as &(dyn Error + 'static)),
            None => shown_inner(error),
        }
    }
}

fn scope(error: &h2_04::Error) -> Scope {
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

fn origin(error: &h2_04::Error) -> Origin {
    if error.is_remote() {
        Origin::Remote
    } else if error.is_library() {
        Origin::Library
    } else {
        Origin::User
    }
}
