//! A server's connection as the driver has it: the one request of its script.

use super::{BoxError, Head};
use crate::chain::Phase;
use std::{
    future::{Future, pending},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

/// What servers say for the time of day: one that does not pass.
pub(super) const DATE: &str = "Thu, 01 Jan 1970 00:00:00 GMT";

type Connection = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;

/// A connection that is served by whoever first asks for its end.
#[derive(Clone)]
pub struct Serving(Arc<Mutex<Option<Connection>>>);

impl Serving {
    pub(super) fn new(connection: impl Future<Output = Result<(), BoxError>> + Send + 'static) -> Serving {
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
