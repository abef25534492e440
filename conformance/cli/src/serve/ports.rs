//! A scenario on a port of its own: its plays, and the verdict on the last one.

use super::driver_process::lock;
use conformance::{
    client_driver::{
        Client, ClientDriver, ClientInstance, ClientOutcome, Clock, Connections, Endpoint, Reach, ResponseFuture,
    },
    http2::{View, hpack::BlockReader, wire::PREFACE},
    oracles::clients::{Mistake, judge},
    peer::Record,
    report::{SCHEMA, timeline::lines_of_connections},
    rfc9113::Certainty,
    scenarios::Scenario,
    script::{Method, Script, Step},
    stacks::{BoxError, IssuedRequest},
    vocabulary::Processed,
};
use futures_util::future::try_join;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    future::pending,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};
use tokio::{
    io::{
        AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, copy, copy_bidirectional, duplex, sink, split,
    },
    net::TcpStream,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::timeout,
};

/// How long a connection may take until its preface is there.
const PREFACE_TIME: Duration = Duration::from_secs(10);
/// How long a connection of another protocol is read.
const BREATH: Duration = Duration::from_secs(1);
/// How long a connection may last.
const LONGEST: Duration = Duration::from_secs(120);
/// The number of bytes that are taken from a client on a connection.
const MOST: u64 = 1 << 20;
/// The number of bytes in transit at which a writer has to wait.
const BUFFER: usize = 64 << 10;
/// The first byte of a connection with TLS (RFC 8446 §5.1).
#[cfg(feature = "tls")]
const TLS_HANDSHAKE: u8 = 22;
/// The answer to HTTP/1.1.
const NOT_HTTP_2: &[u8] = b"HTTP/1.1 505 HTTP Version Not Supported\r\ncontent-length: 56\r\nconnection: close\r\n\r\n\
    This port talks HTTP/2, with prior knowledge or by ALPN\n";

/// A scenario on a port of its own.
pub struct Port {
    /// The scenario.
    pub scenario: Scenario,
    /// Where it listens.
    pub address: SocketAddr,
    patience: Duration,
    plays: Mutex<Plays>,
}

#[derive(Default)]
struct Plays {
    /// Where connections go while a play runs.
    running: Option<UnboundedSender<DuplexStream>>,
    /// The number of plays that have begun.
    begun: usize,
    last: Option<Judged>,
}

/// What became of a scenario.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Verdict {
    schema: u32,
    /// The scenario.
    pub scenario: String,
    /// The URL of its first request.
    pub url: String,
    /// Whether a play has begun, and is over.
    pub state: State,
    /// The number of plays that have begun.
    pub plays: usize,
    /// The last play that is over.
    pub judged: Option<Judged>,
}

/// How far a scenario is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It waits for a client.
    Waiting,
    /// A client is connected.
    Playing,
    /// The last play is over.
    Over,
}

/// A play that is over.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Judged {
    /// The number of connections that the client opened.
    pub connections: usize,
    /// Each request.
    pub requests: Vec<JudgedRequest>,
    /// What the client did wrong, as far as the wire shows it.
    pub mistakes: Vec<Mistake>,
    /// What crossed the first connection.
    pub exchange: Vec<String>,
}

/// A request of a play that is over.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JudgedRequest {
    /// Its method.
    pub method: Method,
    /// The number of times that it was sent on the first connection.
    pub on_first_connection: usize,
    /// The number of times that it was sent on a later connection.
    pub on_later_connections: usize,
    /// Whether the server of the script processed it: every value that RFC 9113 allows.
    pub processed: Vec<Processed>,
    /// The clause that decides it.
    pub clause: String,
    /// Whether the application has to get a complete response from the first connection.
    pub complete: Certainty,
    /// Whether the request may still be open.
    pub open: Certainty,
    /// The status that was sent.
    pub status: Option<u16>,
    /// The number of bytes of content that were sent.
    pub body_size: usize,
    /// Their SHA-256 in hexadecimal digits.
    pub body_digest: String,
}

impl Port {
    pub(super) fn new(scenario: Scenario, address: SocketAddr, patience: Duration) -> Port {
        Port { scenario, address, patience, plays: Mutex::default() }
    }

    /// The verdict so far.
    pub fn verdict(&self) -> Verdict {
        let plays = lock(&self.plays);
        let state = match (&plays.running, &plays.last) {
            (Some(_), _) => State::Playing,
            (None, Some(_)) => State::Over,
            (None, None) => State::Waiting,
        };
        let (scenario, url) = (self.scenario.name.clone(), format!("http://{}/0", self.address));
        Verdict { schema: SCHEMA, scenario, url, state, plays: plays.begun, judged: plays.last.clone() }
    }

    /// Takes a connection. One that does not begin with HTTP/2's preface is no part of a play.
    pub(super) async fn admit(self: Arc<Self>, stream: TcpStream) {
        let mut first = [0];
        let peeked = timeout(PREFACE_TIME, stream.peek(&mut first)).await;
        if !matches!(peeked, Ok(Ok(1))) || stream.set_nodelay(true).is_err() {
            return;
        }
        let carried = async {
            #[cfg(feature = "tls")]
            if first[0] == TLS_HANDSHAKE {
                let secured = timeout(PREFACE_TIME, conformance::client_driver::loopback::secure(stream)).await??;
                return self.carry(secured).await;
            }
            self.carry(stream).await
        };
        // It may end in any way.
        let _ = timeout(LONGEST, carried).await;
    }

    async fn carry(self: &Arc<Self>, mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
        let mut begin = [0; PREFACE.len()];
        timeout(PREFACE_TIME, stream.read_exact(&mut begin)).await??;
        if begin != *PREFACE {
            stream.write_all(NOT_HTTP_2).await?;
            stream.shutdown().await?;
            // A socket that is closed before everything is read loses its answer.
            return timeout(BREATH, copy(&mut stream.take(MOST), &mut sink())).await?.map(drop);
        }
        let (mut ours, theirs) = duplex(BUFFER);
        ours.write_all(&begin).await?;
        self.play_with(theirs);
        let ((from_client, mut to_client), (from_play, mut to_play)) = (split(stream), split(ours));
        let (mut from_client, mut from_play) = (from_client.take(MOST), from_play);
        let up = async {
            copy(&mut from_client, &mut to_play).await?;
            to_play.shutdown().await
        };
        let down = async {
            copy(&mut from_play, &mut to_client).await?;
            to_client.shutdown().await
        };
        try_join(up, down).await.map(drop)
    }

    /// Hands a connection to the running play, or begins one.
    fn play_with(self: &Arc<Self>, connection: DuplexStream) {
        let mut plays = lock(&self.plays);
        let connection = match &plays.running {
            Some(running) => match running.send(connection) {
                Ok(()) => return,
                Err(refused) => refused.0,
            },
            None => connection,
        };
        let (sender, connections) = unbounded_channel();
        // The receiver is there.
        let _ = sender.send(connection);
        plays.running = Some(sender);
        plays.begun += 1;
        let port = self.clone();
        let begun = thread::Builder::new().name(self.scenario.name.clone()).spawn(move || port.play(connections));
        if begun.is_err() {
            plays.running = None;
        }
    }

    /// Plays the scenario to whoever connects.
    fn play(&self, connections: UnboundedReceiver<DuplexStream>) {
        let (script, client) = (&self.scenario.script, Unseen { patience: self.patience });
        let played = ClientDriver::HEALTHY.play_at(&client, script, async |opened| {
            tokio::spawn(lead(connections, opened));
            Ok(Endpoint { origin: format!("http://{}", self.address), connections: None, certificate: String::new() })
        });
        let judged = played.ok().map(|played| self.judge(&client, &played));
        let mut plays = lock(&self.plays);
        plays.running = None;
        plays.last = judged.or_else(|| plays.last.take());
    }

    fn judge(&self, client: &dyn Client, played: &ClientOutcome) -> Judged {
        let script = &as_sent(&self.scenario.script, &played.observation.record);
        let models = played.models(script);
        let requests = script.requests().enumerate().map(|(number, request)| {
            let outcome = &played.requests[number];
            let truth = &models[outcome.last_scripted()].truths[number];
            let content: Vec<u8> = truth.response.content.iter().flatten().copied().collect();
            JudgedRequest {
                method: request.method(),
                on_first_connection: outcome.on_first(),
                on_later_connections: outcome.on_later(),
                processed: truth.processed.clone(),
                clause: truth.because.clause.to_string(),
                complete: truth.complete,
                open: truth.open,
                status: truth.response.head.as_ref().map(|head| head.status),
                body_size: content.len(),
                body_digest: Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect(),
            }
        });
        Judged {
            connections: played.connections,
            requests: requests.collect(),
            mistakes: judge(client, script, played, &models),
            exchange: lines_of_connections(played.records(), script),
        }
    }
}

/// The script with POST for the requests that the client has sent as POST: they must not run twice.
fn as_sent(script: &Script, record: &Record) -> Script {
    let mut reader = BlockReader::default();
    let mut posts = Vec::new();
    for frame in record.client_frames() {
        if let View::Headers(block) = frame.view()
            && let Ok(fields) = reader.read(block)
            && fields.iter().any(|(name, value)| name == ":method" && value == Method::Post.name())
        {
            posts.push(frame.stream);
        }
    }
    let is_post = |number| record.stream_of(number).is_some_and(|stream| posts.contains(&stream));
    let mut number = 0;
    let steps = script.steps().iter().map(|step| match step {
        Step::Request(request) => {
            number += 1;
            Step::Request(if is_post(number - 1) { request.as_post(request.body()) } else { request.clone() })
        }
        step => step.clone(),
    });
    Script::new(steps.collect())
}

/// Leads connections to the servers of a play, the first to the script's peer.
async fn lead(mut connections: UnboundedReceiver<DuplexStream>, opened: Arc<Connections>) {
    while let Some(mut connection) = connections.recv().await {
        // Sockets are never refused: such scripts are not played on them.
        let Ok(mut end) = opened.open() else { return };
        // It may end in any way.
        tokio::spawn(async move { copy_bidirectional(&mut connection, &mut end).await });
    }
}

/// A client that somebody else starts. It is not known what its application gets.
struct Unseen {
    patience: Duration,
}

impl Client for Unseen {
    fn name(&self) -> &str {
        "a client that connects"
    }

    fn reach(&self) -> Reach {
        Reach::PriorKnowledge
    }

    fn clock(&self) -> Clock {
        Clock::Real { patience: self.patience }
    }

    fn is_led(&self) -> bool {
        false
    }

    fn sends_as_given(&self) -> bool {
        false
    }

    fn tells(&self) -> bool {
        false
    }

    fn instance(&self, _: &Endpoint) -> Result<Box<dyn ClientInstance>, BoxError> {
        Ok(Box::new(UnseenInstance))
    }
}

struct UnseenInstance;

impl ClientInstance for UnseenInstance {
    fn send(&self, _: &IssuedRequest) -> ResponseFuture {
        Box::pin(pending())
    }
}
