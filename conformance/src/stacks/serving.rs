//! What the servers of both stacks have in common: the connection as the driver has it, which is the one request of its
//! script, and the answer to a client's request.

use super::{BoxError, Head};
use crate::chain::Phase;
use std::{
    fmt::{self, Write},
    future::{Future, pending},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

/// What servers say for the time of day: one that does not pass.
pub(super) const DATE: &str = "Thu, 01 Jan 1970 00:00:00 GMT";

/// A client's request as the application of a server got it.
pub(super) struct Asked<'r> {
    pub(super) method: &'r str,
    pub(super) target: &'r dyn fmt::Display,
    /// How many field lines the head has, and how many bytes they are.
    pub(super) fields: (usize, usize),
    /// The length of the content.
    pub(super) length: usize,
    /// The same as of the head, if there are trailers.
    pub(super) trailers: Option<(usize, usize)>,
}

/// The content of the response: what the request was, so that servers that read it differently answer differently.
pub(super) fn answer(asked: &Asked<'_>) -> String {
    let Asked { method, target, fields: (fields, bytes), length, trailers } = asked;
    let mut answer = format!("{method} {target} fields={fields}/{bytes} content={length}");
    if let Some((fields, bytes)) = trailers {
        // Writing to a string does not fail.
        let _ = write!(answer, " trailers={fields}/{bytes}");
    }
    answer
}

type Connection = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;

/// A connection that is served by whoever first asks for its end.
#[derive(Clone)]
pub struct Serving(Arc<Mutex<Option<Connection>>>);

impl Serving {
    /// A connection that nobody serves yet.
    pub fn new(connection: impl Future<Output = Result<(), BoxError>> + Send + 'static) -> Serving {
        Serving(Arc::new(Mutex::new(Some(Box::pin(connection)))))
    }

    /// Serves the connection to its end.
    pub(super) async fn end(self) -> Result<(Head, ()), (Phase, BoxError)> {
        let connection = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(connection) = connection else { return pending().await };
        connection.await.map_err(|error| (Phase::Head, error))?;
        Ok((Head { status: 0, headers: Vec::new() }, ()))
    }
}
