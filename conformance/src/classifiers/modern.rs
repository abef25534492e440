//! Reads the errors of hyper 1, hyper-util and h2 0.4.
//!
//! `own_errors` uses the crates by the names that the imports below give them.

#[path = "own_errors.rs"]
mod own_errors;

pub(super) use own_errors::{held, own_inner, own_link};

use crate::chain::Link;
use Modern as This;
use h2_04 as h2;
use hyper_1 as hyper;
use hyper_util::client::legacy::Error as PoolError;
use std::error::Error;

/// The reader for hyper 1 on h2 0.4.
#[derive(Clone, Copy, Debug)]
pub struct Modern;

fn pool_link(error: &(dyn Error + 'static)) -> Option<Link> {
    Some(Link::Pool { connect: error.downcast_ref::<PoolError>()?.is_connect() })
}
