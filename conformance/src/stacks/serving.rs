//! Code shared by the servers of both stacks: the connection, which the driver sees as the script's one request, and
//! the response to a client's request.

use super::{BoxError, Head};
use crate::vocabulary::Phase;
use std::{
    fmt::{self, Write},
    future::{Future, pending},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

/// The `date` of every response: a constant, so that the clock does not matter.
pub(super) const DATE: &str = "Thu, 01 Jan 1970 00:00:00 GMT";

/// A client's request, as the server's application received it.
pub(super) struct Asked<'r> {
    pub(super) method: &'r str,
    pub(super) target: &'r dyn fmt::Display,
    /// The number of field lines in the head, and their size in bytes.
    pub(super) fields: (usize, usize),
    /// The length of the content.
    pub(super) length: usize,
    /// The same for the trailers, if there are any.
    pub(super) trailers: Option<(usize, usize)>,
}

/// The content of the response: a summary of the request, so that servers that read it differently answer differently.
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

/// A connection that the first call of `end` serves.
#[derive(Clone)]
pub struct Serving(Arc<Mutex<Option<Connection>>>);

impl Serving {
    /// Wraps a connection that is not served yet.
    pub fn new(connection: impl Future<Output = Result<(), BoxError>> + Send + 'static) -> Serving {
        Serving(Arc::new(Mutex::new(Some(Box::pin(connection)))))
    }

    /// Serves the connection to its end. Only the first call does; any other never returns.
    pub(super) async fn end(self) -> Result<(Head, ()), (Phase, BoxError)> {
        let connection = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(connection) = connection else { return pending().await };
        connection.await.map_err(|error| (Phase::Head, error))?;
        Ok((Head { status: 0, headers: Vec::new() }, ()))
    }
}
