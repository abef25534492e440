//! The error catalogue: every error that the two stacks can give an application, obtained from the stacks themselves.
//!
//! None is made by hand. A [`CatalogEntry`] says how its error is caused: by a script that a peer plays to a client, or
//! by a call that fails. It also lists the error's links on each stack, or says why the stack has no such error.
//! Readers and classifiers are checked against these links. [`ERROR_CATALOG`] holds all entries.

mod table;

use crate::{
    chain::Link,
    script::Script,
    stacks::{BoxError, Call, Driver, End, Via, generation},
    vocabulary::{PerStack, Phase, StackName},
};
use std::{
    io,
    sync::{Arc, LazyLock},
};

/// Every entry.
pub static ERROR_CATALOG: LazyLock<Vec<CatalogEntry>> = LazyLock::new(table::all);

/// An error, and how it is obtained.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct CatalogEntry {
    /// Its name: the way the stack is used, and what happens.
    pub name: String,
    /// How far the request has got when its application gets the error.
    pub phase: Phase,
    /// Its links on each stack, or why the stack has no such error.
    pub links: PerStack<Result<Vec<Link>, &'static str>>,
    source: Source,
}

/// Where an error comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Source {
    /// The error of the request with this number.
    Exchange(Via, Script, usize),
    /// The error of a call.
    Call(Call),
    /// An I/O error of this kind, from neither stack.
    Io(io::ErrorKind),
    /// tokio's error of an expired timeout.
    Elapsed,
    /// An error of a type that no reader knows.
    Unknown,
}

#[derive(Debug, thiserror::Error)]
#[error("something else went wrong")]
struct Unknown;

impl CatalogEntry {
    /// The entry with this name.
    pub fn named(name: &str) -> Option<&'static CatalogEntry> {
        ERROR_CATALOG.iter().find(|entry| entry.name == name)
    }

    /// Its links on this stack, or why the stack does not have it.
    pub fn on(&self, stack: StackName) -> Result<&[Link], &'static str> {
        self.links[stack].as_deref().map_err(|why| *why)
    }

    /// Whether both stacks have it, with the same links.
    pub fn is_equivalent(&self) -> bool {
        let [first, others @ ..] = self.links.each();
        first.is_ok() && others.iter().all(|other| *other == first)
    }

    /// Its name without the code or the kind in parentheses: the entries of a family differ in nothing else.
    pub fn family(&self) -> &str {
        self.name.split('(').next().unwrap_or(&self.name)
    }

    /// Whether a script has to be played to obtain it.
    pub fn needs_peer(&self) -> bool {
        matches!(self.source, Source::Exchange(..))
    }

    /// Obtains the error from the stack; `None` if the stack does not give it.
    pub fn obtain(&self, stack: StackName, driver: &Driver) -> Option<BoxError> {
        match &self.source {
            Source::Exchange(via, script, request) => {
                // The rest of the observation may hold the error too, and is dropped here.
                let requests = generation(stack).observe(*via, driver, script).requests;
                match requests.into_iter().nth(*request)?.end {
                    End::Failed(_, error) => Arc::into_inner(error),
                    End::Open | End::Complete | End::Cancelled => None,
                }
            }
            Source::Call(call) => generation(stack).call(*call),
            Source::Io(kind) => Some(io::Error::from(*kind).into()),
            Source::Elapsed => driver.elapsed().map(BoxError::from),
            Source::Unknown => Some(Unknown.into()),
        }
    }
}
