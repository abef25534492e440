//! Errors: every error that the two stacks can give an application, obtained from the stacks themselves.
//!
//! None can be made by hand. A [`CatalogEntry`] says how its error comes about: a script that a peer plays to one of the ways
//! of using a stack, or a call that fails. It also says what the error is on each stack, link by link; that is what
//! readers and classifiers are held to. [`ERROR_CATALOG`] has them all; where a stack has no such error, it says why.

mod table;

use crate::{
    chain::{Link, Phase, StackName},
    script::Script,
    stacks::{BoxError, Call, Driver, End, Generation, Legacy, Modern, Profile, Stack},
};
use std::{
    io,
    sync::{Arc, LazyLock},
};

/// Every entry.
pub static ERROR_CATALOG: LazyLock<Vec<CatalogEntry>> = LazyLock::new(table::all);

/// One error, and how it is obtained.
#[derive(Debug)]
pub struct CatalogEntry {
    /// Its name: the way of using the stack, and what happens there.
    pub name: String,
    /// How far the request has come when its application gets the error.
    pub phase: Phase,
    /// What it is on hyper 0.14 and h2 0.3, link by link, or why there is none.
    pub legacy: Result<Vec<Link>, &'static str>,
    /// What it is on hyper 1 and h2 0.4.
    pub modern: Result<Vec<Link>, &'static str>,
    source: Source,
}

/// Where an error comes from.
#[derive(Clone, Debug)]
enum Source {
    /// What the request of this number ends with.
    Exchange(Via, Script, usize),
    /// What a call says.
    Call(Call),
    /// An I/O error of this kind, of no stack.
    Io(io::ErrorKind),
    /// tokio's error of a timeout.
    Elapsed,
    /// An error of a type that nobody knows.
    Unknown,
}

/// A way of using a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Via {
    /// hyper over HTTP/2.
    Http2,
    /// hyper over HTTP/1.1.
    Http1,
    /// The same, for what the connection itself ends with.
    Http1Connection,
    /// h2 without hyper.
    H2,
    /// hyper's pool of connections, over HTTP/2.
    Pool,
}

#[derive(Debug, thiserror::Error)]
#[error("something else went wrong")]
struct Unknown;

impl CatalogEntry {
    /// The entry of that name.
    pub fn named(name: &str) -> Option<&'static CatalogEntry> {
        ERROR_CATALOG.iter().find(|entry| entry.name == name)
    }

    /// What it is on that stack, or why the stack does not have it.
    pub fn on(&self, stack: StackName) -> Result<&[Link], &'static str> {
        let links = match stack {
            StackName::Legacy => &self.legacy,
            StackName::Modern => &self.modern,
        };
        links.as_deref().map_err(|why| *why)
    }

    /// Whether both stacks have it, and as the same links.
    pub fn is_equivalent(&self) -> bool {
        self.legacy.is_ok() && self.legacy == self.modern
    }

    /// Obtains the error from the stack; `None` if the stack does not give it.
    pub fn obtain(&self, stack: StackName, driver: &Driver) -> Option<BoxError> {
        match stack {
            StackName::Legacy => self.source.obtain::<Legacy>(driver),
            StackName::Modern => self.source.obtain::<Modern>(driver),
        }
    }
}

impl Source {
    fn obtain<G: Generation>(&self, driver: &Driver) -> Option<BoxError> {
        match self {
            Source::Exchange(Via::Http2, script, request) => exchange::<G::Http2>(driver, script, *request),
            Source::Exchange(Via::Http1, script, request) => exchange::<G::Http1>(driver, script, *request),
            Source::Exchange(Via::Http1Connection, script, request) => {
                exchange::<G::Http1Connection>(driver, script, *request)
            }
            Source::Exchange(Via::H2, script, request) => exchange::<G::H2>(driver, script, *request),
            Source::Exchange(Via::Pool, script, request) => exchange::<G::Pool>(driver, script, *request),
            Source::Call(call) => G::call(*call),
            Source::Io(kind) => Some(io::Error::from(*kind).into()),
            Source::Elapsed => driver.elapsed().map(BoxError::from),
            Source::Unknown => Some(Unknown.into()),
        }
    }
}

fn exchange<S: Stack>(driver: &Driver, script: &Script, request: usize) -> Option<BoxError> {
    let observation = driver.observe::<S>(script, Profile::Equal);
    match observation.requests.into_iter().nth(request)?.end {
        End::Failed(_, error) => Arc::into_inner(error),
        End::Open | End::Complete => None,
    }
}
