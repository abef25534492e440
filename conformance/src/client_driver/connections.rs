//! The connections of a client: those that the script names lead to its peer, every later one to a server of the suite.

use super::grpc;
use crate::{
    peer::{Transport, lock},
    stacks::{
        BoxError, Io,
        modern::later_server::{self, Answer},
    },
};
use std::{
    collections::VecDeque,
    env, fs,
    future::{Ready, ready},
    io,
    path::PathBuf,
    process,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll},
};
use tower_service::Service;

/// The connections that a client opens during one script.
pub struct Connections {
    opened: Mutex<Opened>,
    later: Later,
}

/// What a request meets that a client sends again: on a connection that the script does not name, or after the script.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Later {
    /// A healthy server, which answers every request with 200 and its [`answer`].
    #[default]
    Healthy,
    /// The same in gRPC: every call ends well, with a message of that content.
    HealthyInGrpc,
    /// A server that refuses every request with REFUSED_STREAM.
    Refusing,
}

/// The content of the healthy server's answer to the request with this number. No script has it, so that it shows which
/// response a byte belongs to. It is JSON, for the clients of services that talk JSON.
pub fn answer(number: usize) -> String {
    format!("{{\"a later answer to\":{number}}}")
}

impl Later {
    /// The whole answer to the request with this number; `None` if it is refused.
    pub(super) fn answer(self) -> Option<fn(usize) -> Answer> {
        match self {
            Later::Healthy => Some(|number| Answer { content: answer(number).into(), ..Answer::default() }),
            Later::HealthyInGrpc => Some(|number| Answer {
                fields: &[grpc::CONTENT_TYPE],
                content: grpc::message(answer(number).as_bytes()),
                trailers: &[grpc::STATUS_OK],
            }),
            Later::Refusing => None,
        }
    }
}

struct Opened {
    /// Whether the script lets no other connection be made.
    refuses: bool,
    /// The transports to the script's peer that no connection has taken.
    scripted: VecDeque<Transport>,
    connections: usize,
    /// The numbers of the requests that the later servers have received.
    received: Vec<usize>,
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

    /// The start of every request's URI.
    pub fn url(&self) -> &str {
        &self.origin
    }

    /// A file with [`Endpoint::certificate`], in the folder of the system for temporary files. Every call of a process gives
    /// the same file.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn certificate_file(&self) -> io::Result<PathBuf> {
        let file = env::temp_dir().join(format!("conformance-{}.pem", process::id()));
        fs::write(&file, &self.certificate)?;
        Ok(file)
    }

    /// A connector for hyper 0.14's `Client` and for hyper-util's. It opens connections in memory, to whatever URI. If
    /// the client is to open sockets, every connection is refused.
    pub fn connector(&self) -> Connector {
        let connections = self.connections.clone();
        Connector::new(move || {
            let refused = || Err(io::Error::from(io::ErrorKind::ConnectionRefused));
            Ok(connections.as_ref().map_or_else(refused, Connections::open)?)
        })
    }
}

/// Makes the connection that a client asks for, to whatever URI, or fails.
#[derive(Clone)]
pub struct Connector(Arc<Connect>);

type Connect = dyn Fn() -> Result<Box<dyn Io>, BoxError> + Send + Sync;

impl Connector {
    /// A connector that connects, or fails, like this.
    pub fn new(connect: impl Fn() -> Result<Box<dyn Io>, BoxError> + Send + Sync + 'static) -> Connector {
        Connector(Arc::new(connect))
    }
}

impl<Uri> Service<Uri> for Connector {
    type Response = Box<dyn Io>;
    type Error = BoxError;
    type Future = Ready<Result<Box<dyn Io>, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        ready((self.0)())
    }
}

/// The number of bytes in transit to a later server at which the writer has to wait.
const BUFFER: usize = 64 << 10;

impl Connections {
    /// Connections, the first of which lead to these transports.
    pub fn new(scripted: VecDeque<Transport>, later: Later) -> Arc<Connections> {
        let opened = Opened { refuses: false, scripted, connections: 0, received: Vec::new() };
        Arc::new(Connections { opened: Mutex::new(opened), later })
    }

    /// From now on, only the connections that the script names can be opened.
    pub fn refuse(&self) {
        self.opened().refuses = true;
    }

    /// Opens a connection.
    ///
    /// # Errors
    ///
    /// If the script lets it be refused.
    pub fn open(self: &Arc<Self>) -> io::Result<Box<dyn Io>> {
        let mut opened = self.opened();
        opened.connections += 1;
        Ok(match opened.scripted.pop_front() {
            Some(transport) => Box::new(transport),
            None if opened.refuses => return Err(io::ErrorKind::ConnectionRefused.into()),
            None => {
                let (ours, theirs) = tokio::io::duplex(BUFFER);
                let connections = self.clone();
                let received = move |number| connections.opened().received.push(number);
                match self.later.answer() {
                    Some(answer) => drop(tokio::spawn(later_server::answer_all(theirs, received, answer))),
                    None => drop(tokio::spawn(later_server::refuse_all(theirs, received))),
                }
                Box::new(ours)
            }
        })
    }

    /// The number of connections that the client has opened, or has tried to.
    pub fn count(&self) -> usize {
        self.opened().connections
    }

    /// How often the later servers have received the request with this number.
    pub fn received(&self, number: usize) -> usize {
        self.opened().received.iter().filter(|received| **received == number).count()
    }

    /// A number that grows whenever something happens.
    pub fn activity(&self) -> usize {
        let opened = self.opened();
        opened.connections + opened.received.len()
    }

    fn opened(&self) -> MutexGuard<'_, Opened> {
        lock(&self.opened)
    }
}
