//! Clients with one mistake each are caught with the finding that names it, and a careful one has nothing but what its
//! stack does as well.

use bytes::Bytes;
use conformance::{
    chain::{Chain, Scope},
    check::{Because, ClientFailed, ClientResult, client},
    classifiers::{Advice, Modern, Reader, decide},
    client_driver::{Connector, Io, Retries},
    http2::{FrameType, wire::PREFACE},
    oracles::clients::{MistakeClass, MistakeKind},
    scenarios, script,
    stacks::{BoxError, Content},
    vocabulary::{Phase, Processed, StackName},
};
use futures_util::FutureExt;
use http_1::{Request, Response};
use hyper_1::{
    body::{Body, Frame, Incoming, SizeHint},
    client::conn::http2::{SendRequest, handshake},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::{
    collections::VecDeque,
    future::{Future, pending, poll_fn},
    io,
    pin::{Pin, pin},
    sync::{Arc, Mutex},
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    task::yield_now,
    time::sleep,
};
use tower_service::Service;

/// What is wrong with a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    Nothing,
    RetriesEveryPost,
    /// Right on the first connection of a request, and not on the second.
    RetriesEverythingAfterOneRetry,
    RetriesNothing,
    TakesACutBodyForWhole,
    GluesTwoBodies,
    IgnoresContentLength,
    NeverGivesUp,
    DropsTheRequestThatWaits,
    RetriesForEver,
    RetriesForEverAfterGoaway,
    RetriesAtOnce,
    IgnoresGoaway,
    ReusesADeadConnection,
    SwallowsTrailers,
    PanicsOnAnUnknownCode,
}

fn check(wrong: Wrong) -> Result<ClientResult, ClientFailed> {
    client(format!("{wrong:?}")).on(StackName::Modern).retries(Retries::Automatic).check(move |endpoint| {
        let careful = Careful { wrong, connector: endpoint.connector(), pool: Arc::default() };
        move |request: Request<Content>| careful.clone().fetch(request)
    })
}

/// A client with one connection at a time. It sends a request again up to three times, if its error proves that it was
/// not processed.
#[derive(Clone)]
struct Careful {
    wrong: Wrong,
    connector: Connector,
    pool: Arc<Mutex<Option<SendRequest<Content>>>>,
}

impl Careful {
    async fn fetch(self, request: Request<Content>) -> Result<Response<Handed>, BoxError> {
        let (head, content) = request.into_parts();
        let whole = content.whole().map(|_| content.again());
        let (mut content, mut attempts) = (Some(content), 0);
        loop {
            attempts += 1;
            let body = content.take().or_else(|| whole.as_ref().map(Content::again));
            let body = body.ok_or("the content cannot be sent again")?;
            let result = self.attempt(Request::from_parts(head.clone(), body)).await;
            let (phase, error) = match result {
                Ok(response) => return self.hand_over(head, response).await,
                Err(failed) => failed,
            };
            let chain = Modern.read(&*error);
            let verdict = decide(&chain, phase);
            let unprocessed = verdict.processed == Processed::No;
            let unwritten = chain.h2().is_none();
            let goaway = chain.h2().is_some_and(|h2| h2.scope == Scope::Connection);
            let most = match self.wrong {
                Wrong::RetriesForEver => 1_000,
                Wrong::RetriesForEverAfterGoaway if goaway => 1_000,
                _ => 3,
            };
            let again = match self.wrong {
                Wrong::RetriesEveryPost => true,
                Wrong::RetriesEverythingAfterOneRetry => unprocessed || attempts > 1,
                Wrong::RetriesNothing => false,
                Wrong::DropsTheRequestThatWaits => unprocessed && !unwritten,
                _ => unprocessed,
            };
            if self.wrong == Wrong::NeverGivesUp {
                return pending().await;
            }
            if self.wrong == Wrong::PanicsOnAnUnknownCode && has_unknown_code(&chain) {
                panic!("there is no such code");
            }
            if !again || attempts >= most {
                return Err(error);
            }
            if verdict.advice == Advice::BackOff && self.wrong != Wrong::RetriesAtOnce {
                sleep(Duration::from_secs(1)).await;
            }
        }
    }

    async fn attempt(&self, request: Request<Content>) -> Result<Response<Incoming>, (Phase, BoxError)> {
        let pooled = self.pool.lock().expect("nothing panics with the pool").clone();
        let live = |sender: &SendRequest<Content>| !sender.is_closed() || self.wrong == Wrong::ReusesADeadConnection;
        let mut sender = match pooled.filter(live) {
            Some(sender) => sender,
            None => self.connect().await.map_err(|error| (Phase::Connection, error))?,
        };
        sender.ready().await.map_err(|error| (Phase::Sending, error.into()))?;
        sender.send_request(request).await.map_err(|error| (Phase::Head, error.into()))
    }

    async fn connect(&self) -> Result<SendRequest<Content>, BoxError> {
        let io = self.connector.clone().call(()).await?;
        let io: Box<dyn Io> = match self.wrong {
            Wrong::IgnoresGoaway => Box::new(WithoutGoaway { io, read: Vec::new(), passed: VecDeque::new() }),
            _ => io,
        };
        let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(io)).await?;
        tokio::spawn(async { drop(connection.await) });
        *self.pool.lock().expect("nothing panics with the pool") = Some(sender.clone());
        Ok(sender)
    }

    async fn hand_over(
        &self,
        head: http_1::request::Parts,
        response: Response<Incoming>,
    ) -> Result<Response<Handed>, BoxError> {
        let (parts, mut body) = response.into_parts();
        let (mut frames, mut error) = (VecDeque::new(), None);
        if self.wrong != Wrong::GluesTwoBodies {
            return Ok(Response::from_parts(parts, Handed { wrong: self.wrong, frames, rest: Some(body), error }));
        }
        while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
            match frame {
                Ok(frame) => frames.push_back(frame),
                Err(cut) => {
                    error = Some(cut);
                    break;
                }
            }
        }
        let mut rest = None;
        if error.is_some() && head.method == "GET" {
            let again = self.attempt(Request::from_parts(head, Content::empty())).await.map_err(|(_, error)| error)?;
            (rest, error) = (Some(again.into_body()), None);
        }
        Ok(Response::from_parts(parts, Handed { wrong: self.wrong, frames, rest, error }))
    }
}

fn has_unknown_code(chain: &Chain) -> bool {
    chain.h2().and_then(|h2| h2.reason).is_some_and(|code| code.name().is_none())
}

/// The body that an application gets.
struct Handed {
    wrong: Wrong,
    /// What stands before the rest.
    frames: VecDeque<Frame<Bytes>>,
    rest: Option<Incoming>,
    error: Option<hyper_1::Error>,
}

impl Body for Handed {
    type Data = Bytes;
    type Error = hyper_1::Error;

    fn is_end_stream(&self) -> bool {
        self.frames.is_empty() && self.rest.as_ref().is_some_and(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.as_ref().filter(|_| self.frames.is_empty());
        rest.map(Incoming::size_hint).unwrap_or_default()
    }

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper_1::Error>>> {
        if let Some(frame) = self.frames.pop_front() {
            return Poll::Ready(Some(Ok(frame)));
        }
        let Some(rest) = &mut self.rest else { return Poll::Ready(self.error.take().map(Err)) };
        let frame = ready!(Pin::new(rest).poll_frame(cx));
        Poll::Ready(match (frame, self.wrong) {
            (Some(Err(_)), Wrong::TakesACutBodyForWhole) => None,
            (Some(Err(error)), Wrong::IgnoresContentLength) if is_a_fault_of_the_stream(&error) => None,
            (Some(Ok(frame)), Wrong::SwallowsTrailers) if frame.is_trailers() => None,
            (frame, _) => frame,
        })
    }
}

/// Whether the client itself has found a fault in a response, such as content of another length.
fn is_a_fault_of_the_stream(error: &hyper_1::Error) -> bool {
    Modern.read(error).h2().is_some_and(|h2| h2.scope == Scope::Stream)
}

/// A transport from which the client reads no GOAWAY frame.
struct WithoutGoaway {
    io: Box<dyn Io>,
    /// What was read, and is no whole frame yet.
    read: Vec<u8>,
    /// What the client may read.
    passed: VecDeque<u8>,
}

impl AsyncRead for WithoutGoaway {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        while self.passed.is_empty() {
            let mut bytes = [0; 1_024];
            let mut part = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut self.io).poll_read(cx, &mut part))?;
            if part.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            self.read.extend_from_slice(part.filled());
            while let Some(length) = self.read.first_chunk().map(|[a, b, c]| u32::from_be_bytes([0, *a, *b, *c])) {
                let whole = 9 + length as usize;
                if self.read.len() < whole {
                    break;
                }
                let frame: Vec<u8> = self.read.drain(..whole).collect();
                if frame[3] != FrameType::GOAWAY.0 {
                    self.passed.extend(frame);
                }
            }
        }
        let length = self.passed.len().min(buffer.remaining());
        self.passed.drain(..length).for_each(|byte| buffer.put_slice(&[byte]));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for WithoutGoaway {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

fn makes_a_tunnel(name: &str) -> bool {
    let scenarios = scenarios::built_in().expect("the suite's own scenarios are valid");
    let of_name = scenarios.iter().find(|scenario| scenario.name == name);
    of_name.is_some_and(|scenario| scenario.script.requests().any(script::Request::is_connect))
}

#[test]
fn a_careful_client_has_nothing_but_what_its_stack_does_as_well() {
    let passed = check(Wrong::Nothing).expect("it is careful");
    assert!(passed.plays > 500, "{passed}");
    // No client but the stacks themselves makes tunnels.
    assert!(passed.left_out().all(makes_a_tunnel), "{passed}");
    let own: Vec<_> =
        passed.tolerated().into_iter().filter(|tolerated| tolerated.because != Because::OfItsStack).collect();
    assert!(own.is_empty(), "{own:#?}");
    assert_eq!(check(Wrong::Nothing), Ok(passed), "the same client, and another result");
}

/// A client whose first request of a script is not on stream 1.
fn check_warm(wrong: Wrong) -> Result<ClientResult, ClientFailed> {
    client("warm").on(StackName::Modern).retries(Retries::Automatic).check(move |endpoint| {
        let careful = Careful { wrong, connector: endpoint.connector(), pool: Arc::default() };
        move |request: Request<Content>| {
            let careful = careful.clone();
            async move {
                if careful.pool.lock().expect("nothing panics with the pool").is_none() {
                    let warm = Request::options("http://peer.test/warm").body(Content::empty())?;
                    let mut sent = pin!(careful.connect().await?.send_request(warm));
                    // Until it is written; then it is given up, and its stream is free again.
                    for _ in 0..4 {
                        let _ = poll_fn(|cx| Poll::Ready(sent.as_mut().poll(cx))).await;
                        yield_now().await;
                    }
                }
                careful.fetch(request).await
            }
        }
    })
}

#[test]
fn a_client_may_begin_with_another_stream() {
    let passed = check_warm(Wrong::Nothing).expect("it is careful");
    let own = passed.tolerated().into_iter().filter(|tolerated| tolerated.because != Because::OfItsStack);
    assert_eq!(own.count(), 0, "{passed}");
    // The peer means the stream that the client uses, so a mistake still shows.
    let failed = check_warm(Wrong::RetriesNothing).expect_err("it is wrong");
    let found = failed.findings().iter().find(|finding| finding.mistake.kind == MistakeKind::NotRetried);
    let refused = |name: &String| name == "rst-stream-refused-stream";
    assert!(found.is_some_and(|finding| finding.others.iter().any(refused)), "{failed}");
}

#[test]
fn what_a_client_refuses_to_send_is_left_out_and_the_rest_is_judged() {
    let check = |wrong| {
        client("only POST").on(StackName::Modern).check(move |endpoint| {
            let careful = Careful { wrong, connector: endpoint.connector(), pool: Arc::default() };
            move |request: Request<Content>| {
                let careful = careful.clone();
                async move {
                    match request.method().as_str() {
                        "POST" => careful.fetch(request).await,
                        _ => Err("it sends nothing but POST".into()),
                    }
                }
            }
        })
    };
    let passed = check(Wrong::Nothing).expect("the rest is careful");
    let refused = passed.scenarios.iter().find(|result| result.scenario == "rst-stream-cancel-mid-body");
    let refused = refused.expect("it is a scenario");
    assert!(refused.is_left_out && refused.plays == 2, "with POST, without and with content: {refused:?}");
    assert_eq!(
        check(Wrong::RetriesEveryPost).expect_err("it is wrong").findings()[0].mistake.kind,
        MistakeKind::RunTwice
    );
}

/// A transport over which no HEADERS frame goes out before something was read.
struct HoldsHeaders {
    io: Box<dyn Io>,
    /// What the client has written and the transport still holds.
    held: Vec<u8>,
    /// The number of bytes of the connection preface that are still to come.
    preface: usize,
    has_read: bool,
}

impl HoldsHeaders {
    /// Writes what may go out.
    fn release(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        loop {
            let next = match self.held.first_chunk() {
                _ if self.preface > 0 && !self.held.is_empty() => self.preface.min(self.held.len()),
                Some([a, b, c, kind]) if self.has_read || *kind != FrameType::HEADERS.0 => {
                    9 + u32::from_be_bytes([0, *a, *b, *c]) as usize
                }
                _ => return Ok(()),
            };
            if self.held.len() < next {
                return Ok(());
            }
            self.preface -= self.preface.min(next);
            let frame: Vec<u8> = self.held.drain(..next).collect();
            // A transport in memory takes everything.
            assert!(matches!(Pin::new(&mut self.io).poll_write(cx, &frame)?, Poll::Ready(taken) if taken == next));
        }
    }
}

impl AsyncRead for HoldsHeaders {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.io).poll_read(cx, buffer))?;
        self.has_read = true;
        Poll::Ready(self.release(cx))
    }
}

impl AsyncWrite for HoldsHeaders {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.held.extend_from_slice(bytes);
        self.release(cx)?;
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

/// How long the peer waits for a client in real time.
const PATIENCE: Duration = Duration::from_secs(5);

#[test]
fn a_client_in_real_time_may_wait_for_the_settings_of_its_peer() {
    let begun = Instant::now();
    let scenario = "goaway-in-two-phases";
    let passed = client("waits").on(StackName::Modern).retries(Retries::Automatic).real_time(PATIENCE).only(scenario);
    let passed = passed.check(|endpoint| {
        let connector = endpoint.connector();
        let connector = Connector::new(move || {
            let mut connector = connector.clone();
            let io = connector.call(()).now_or_never().expect("a connection in memory is there at once")?;
            Ok(Box::new(HoldsHeaders { io, held: Vec::new(), preface: PREFACE.len(), has_read: false }))
        });
        let careful = Careful { wrong: Wrong::Nothing, connector, pool: Arc::default() };
        move |request: Request<Content>| careful.clone().fetch(request)
    });
    let passed = passed.expect("it is careful");
    assert!(passed.plays == 3 && passed.left_out().count() == 0, "{passed}");
    assert!(begun.elapsed() < PATIENCE, "nothing waits for it in vain");
}

#[test]
fn a_client_with_one_request_at_a_time_is_not_judged_by_several_at_once() {
    let check = |scenario: &str| {
        let check = client("one at a time").on(StackName::Modern).real_time(Duration::from_millis(300)).only(scenario);
        check.check(|endpoint| {
            let (careful, turn) = (
                Careful { wrong: Wrong::Nothing, connector: endpoint.connector(), pool: Arc::default() },
                Arc::new(futures_util::lock::Mutex::new(())),
            );
            move |request: Request<Content>| {
                let (careful, turn) = (careful.clone(), turn.clone());
                async move {
                    let _turn = turn.lock().await;
                    careful.fetch(request).await
                }
            }
        })
    };
    let Err(ClientFailed::Unplayed { why, .. }) = check("goaway-before-any-head-then-the-rest-is-answered") else {
        panic!("its second request waits for the first, which the script does not mean")
    };
    assert!(why.contains("none of these can be played"), "{why}");
    // Where the peer allows one stream, and where there is one request, it is like any other client.
    for scenario in ["goaway-while-a-request-waits-for-a-slot", "goaway-below-our-stream"] {
        assert!(check(scenario).is_ok_and(|passed| passed.plays == 3), "{scenario}");
    }
}

#[test]
fn every_wrong_client_is_caught_with_the_finding_that_names_its_mistake() {
    for (wrong, kind, class) in [
        (Wrong::RetriesEveryPost, MistakeKind::RunTwice, MistakeClass::Fault),
        (Wrong::RetriesEverythingAfterOneRetry, MistakeKind::RunTwice, MistakeClass::Fault),
        (Wrong::RetriesNothing, MistakeKind::NotRetried, MistakeClass::BrokenPromise),
        (Wrong::TakesACutBodyForWhole, MistakeKind::Truncated, MistakeClass::Fault),
        (Wrong::GluesTwoBodies, MistakeKind::Mixed, MistakeClass::Fault),
        (Wrong::IgnoresContentLength, MistakeKind::Truncated, MistakeClass::Fault),
        (Wrong::NeverGivesUp, MistakeKind::Hang, MistakeClass::Fault),
        (Wrong::DropsTheRequestThatWaits, MistakeKind::NotRetried, MistakeClass::BrokenPromise),
        (Wrong::RetriesForEver, MistakeKind::Storm, MistakeClass::BrokenPromise),
        (Wrong::RetriesForEverAfterGoaway, MistakeKind::Storm, MistakeClass::BrokenPromise),
        (Wrong::IgnoresGoaway, MistakeKind::Misconduct, MistakeClass::Fault),
        (Wrong::ReusesADeadConnection, MistakeKind::NotRetried, MistakeClass::BrokenPromise),
        (Wrong::PanicsOnAnUnknownCode, MistakeKind::Crashed, MistakeClass::Fault),
    ] {
        let failed = check(wrong).expect_err("it is wrong");
        let found =
            failed.findings().iter().find(|finding| finding.mistake.kind == kind).unwrap_or_else(|| panic!("{failed}"));
        assert_eq!(found.mistake.class, class, "{failed}");
    }
}

#[test]
fn what_no_specification_forbids_is_a_choice() {
    for (wrong, kind, scenario) in [
        (Wrong::SwallowsTrailers, MistakeKind::Altered, "trailers-end-the-response"),
        (Wrong::RetriesAtOnce, MistakeKind::Storm, "goaway-too-many-pings"),
    ] {
        let tolerated = check(wrong).expect("no specification forbids it").tolerated();
        let choice = tolerated.iter().find(|choice| (choice.kind, choice.because) == (kind, Because::Choice));
        let choice = choice.unwrap_or_else(|| panic!("{wrong:?}: {tolerated:?}"));
        assert!(choice.scenarios.iter().any(|name| name == scenario), "{choice:?}");
    }
}
