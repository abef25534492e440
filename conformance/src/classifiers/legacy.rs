//! Reads the errors of hyper 0.14 and h2 0.3.
//!
//! `own_errors` uses the crates by the names that the imports below give them.

#[path = "own_errors.rs"]
mod own_errors;

pub(super) use own_errors::{held, own_inner, own_link};

use crate::chain::Link;
use Legacy as This;
use h2_03 as h2;
use hyper_014 as hyper;
use hyper_014::Error as PoolError;
use std::error::Error;

/// The reader for hyper 0.14 on h2 0.3.
#[derive(Clone, Copy, Debug)]
pub struct Legacy;

/// The pool's errors are hyper's own. Only `is_connect` says that one comes from the pool.
fn pool_link(error: &(dyn Error + 'static)) -> Option<Link> {
    error.downcast_ref::<PoolError>()?.is_connect().then_some(Link::Pool { connect: true })
}
