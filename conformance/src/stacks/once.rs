use super::BoxError;
use crate::peer::lock;
use std::{
    future::{Ready, ready},
    io,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};
use tower_service::Service;

/// A value that only the first taker gets.
pub(super) struct Once<T>(Arc<Mutex<Option<T>>>);

impl<T> Once<T> {
    pub(super) fn new(value: T) -> Once<T> {
        Once(Arc::new(Mutex::new(Some(value))))
    }

    pub(super) fn take(&self) -> Option<T> {
        lock(&self.0).take()
    }
}

impl<T> Clone for Once<T> {
    fn clone(&self) -> Once<T> {
        Once(self.0.clone())
    }
}

/// A pool's connector: the first attempt gets the result, a connection or an error. Later ones are refused.
impl<T, Uri> Service<Uri> for Once<Result<T, BoxError>> {
    type Response = T;
    type Error = BoxError;
    type Future = Ready<Result<T, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        ready(self.take().unwrap_or_else(|| Err(io::Error::from(io::ErrorKind::ConnectionRefused).into())))
    }
}
