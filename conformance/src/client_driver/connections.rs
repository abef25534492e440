//! The connections of a client: the first leads to the script's peer, every later one to a healthy server.

use crate::{
    peer::{Transport, lock},
    stacks::{Io, modern::healthy_server},
};
use std::sync::{Arc, Mutex, MutexGuard};

/// The connections that a client opens during one script.
pub struct Connections(Mutex<Opened>);

struct Opened {
    /// The transport to the script's peer, until the first connection takes it.
    first: Option<Transport>,
    connections: usize,
    /// The numbers of the requests that the healthy servers have received.
    answered: Vec<usize>,
}

/// Where a client sends its requests.
#[derive(Clone)]
pub struct Endpoint {
    /// The start of every request's URI; empty for relative URIs.
    pub origin: String,
    /// Opens the connections of a client in memory; none for a client that opens sockets.
    pub connections: Option<Arc<Connections>>,
    /// The only certificate that a client over TLS has to trust, in PEM.
    pub certificate: String,
}

impl Endpoint {
    /// An endpoint in memory.
    pub fn memory(connections: Arc<Connections>) -> Endpoint {
        Endpoint { origin: "http://peer.test".into(), connections: Some(connections), certificate: String::new() }
    }
}

/// The number of bytes in transit to a healthy server at which the writer has to wait.
const BUFFER: usize = 64 << 10;

impl Connections {
    /// Connections, the first of which leads to this transport.
    pub fn new(first: Transport) -> Arc<Connections> {
        Arc::new(Connections(Mutex::new(Opened { first: Some(first), connections: 0, answered: Vec::new() })))
    }

    /// Opens a connection.
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

    /// Records that a healthy server has received the request with this number.
    pub fn answers(&self, number: usize) {
        self.opened().answered.push(number);
    }

    /// The number of connections opened.
    pub fn count(&self) -> usize {
        self.opened().connections
    }

    /// How often the healthy servers have received the request with this number.
    pub fn answered(&self, number: usize) -> usize {
        self.opened().answered.iter().filter(|answered| **answered == number).count()
    }

    /// A number that grows whenever something happens.
    pub fn activity(&self) -> usize {
        let opened = self.opened();
        opened.connections + opened.answered.len()
    }

    fn opened(&self) -> MutexGuard<'_, Opened> {
        lock(&self.0)
    }
}
