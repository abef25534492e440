//! Where the connections of a client lead: the first to the peer of the script, every later one to a server in good health.

use crate::{
    peer::{Transport, lock},
    stacks::modern::healthy_server,
};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::io::{AsyncRead, AsyncWrite};

/// What carries bytes both ways.
pub trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// The connections that a client opens while it plays one script.
pub struct Connections(Mutex<Opened>);

struct Opened {
    /// The transport to the peer of the script, until somebody connects.
    first: Option<Transport>,
    connections: usize,
    /// The numbers of the requests that the servers in good health have got.
    answered: Vec<usize>,
}

/// Where a client sends its requests.
#[derive(Clone)]
pub struct Endpoint {
    /// What the address of every request begins with; nothing, if it is a relative one.
    pub origin: String,
    /// What a client in memory opens its connections with; none for one that opens sockets.
    pub connections: Option<Arc<Connections>>,
    /// The certificate that a client over TLS has to trust, in PEM, and no other.
    pub certificate: String,
}

impl Endpoint {
    /// In memory.
    pub fn memory(connections: Arc<Connections>) -> Endpoint {
        Endpoint { origin: "http://peer.test".into(), connections: Some(connections), certificate: String::new() }
    }
}

/// How many bytes wait on the way to a server in good health before the writer has to wait.
const BUFFER: usize = 64 << 10;

impl Connections {
    /// Connections of which the first leads to this transport.
    pub fn new(first: Transport) -> Arc<Connections> {
        Arc::new(Connections(Mutex::new(Opened { first: Some(first), connections: 0, answered: Vec::new() })))
    }

    /// Opens one.
    pub fn open(self: &Arc<Self>) -> Box<dyn Io> {
        let mut opened = self.opened();
        opened.connections += 1;
        match opened.first.take() {
            Some(transport) => Box::new(transport),
            None => {
                let (ours, theirs) = tokio::io::duplex(BUFFER);
                let connections = self.clone();
                tokio::spawn(healthy_server::serve(theirs, move |number| connections.answers(number)));
                Box::new(ours)
            }
        }
    }

    /// Notes that a server in good health has got a request.
    pub fn answers(&self, number: usize) {
        self.opened().answered.push(number);
    }

    /// How many were opened.
    pub fn count(&self) -> usize {
        self.opened().connections
    }

    /// How often the servers in good health have got a request.
    pub fn answered(&self, number: usize) -> usize {
        self.opened().answered.iter().filter(|answered| **answered == number).count()
    }

    /// A number that grows with everything that happens.
    pub fn activity(&self) -> usize {
        let opened = self.opened();
        opened.connections + opened.answered.len()
    }

    /// A panic while the lock was held leaves what was counted as it was.
    fn opened(&self) -> MutexGuard<'_, Opened> {
        lock(&self.0)
    }
}
