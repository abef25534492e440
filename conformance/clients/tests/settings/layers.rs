//! What an application puts around a client that has no such setting.

use conformance::{
    client_driver::{ClientInstance, Failure, ResponseFuture},
    stacks::{BoxError, IssuedRequest},
    vocabulary::Phase,
};
use std::{
    error::Error,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::timeout;

/// How a client is made.
pub(crate) type Instance = Result<Box<dyn ClientInstance>, BoxError>;

/// A timeout around every call.
pub(crate) fn within(most: Duration, client: Instance) -> Instance {
    Ok(Box::new(Within { most, client: client? }))
}

struct Within {
    most: Duration,
    client: Box<dyn ClientInstance>,
}

impl ClientInstance for Within {
    fn send(&self, request: &IssuedRequest) -> ResponseFuture {
        let (most, response) = (self.most, self.client.send(request));
        let late = |error| Failure { phase: Phase::Head, error: BoxError::from(error), label: None };
        Box::pin(async move { timeout(most, response).await.unwrap_or_else(|elapsed| Err(late(elapsed))) })
    }
}

/// Whether a request may be sent again after this error.
pub(crate) type Decides = fn(&(dyn Error + 'static)) -> bool;

/// One more call after some errors.
pub(crate) fn again(after: Decides, client: Instance) -> Instance {
    Ok(Box::new(Again { after, client: Arc::new(Mutex::new(client?)) }))
}

struct Again {
    after: Decides,
    client: Arc<Mutex<Box<dyn ClientInstance>>>,
}

impl ClientInstance for Again {
    fn send(&self, request: &IssuedRequest) -> ResponseFuture {
        let (after, client, request) = (self.after, self.client.clone(), request.clone());
        let send = move || client.lock().expect("no call panics").send(&request);
        Box::pin(async move {
            match send().await {
                Err(failure) if after(&*failure.error) => send().await,
                answer => answer,
            }
        })
    }
}
