//! gRPC clients: scripts as they are translated for them, and their judgement.

use bytes::Bytes;
use conformance::{
    check::{ClientFailed, ClientResult, client},
    client_driver::{
        Connector,
        grpc::{CONTENT_TYPE, STATUS_OK, in_grpc, message},
    },
    http2::{ErrorCode, Frame, StreamId, flags},
    oracles::clients::MistakeKind,
    script::{Body, BodyEnd, Method, Request as Asked, Script, Step},
    stacks::{BoxError, Content},
    vocabulary::StackName,
};
use http_1::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_1::client::conn::http2::handshake;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tower_service::Service;

const STREAM: StreamId = StreamId::FIRST;

/// What a peer that sends these frames sends to a gRPC client.
fn translated(frames: impl IntoIterator<Item = Frame>) -> Vec<Frame> {
    let script = in_grpc(&Script::answering(frames));
    assert_eq!(in_grpc(&script), script, "what is translated already is not translated again");
    // The first frame is the SETTINGS frame.
    script.frames().skip(1).map(|(_, frame)| frame.clone()).collect()
}

fn head<'a>(more: impl IntoIterator<Item = (&'a str, &'a str)>) -> Frame {
    Frame::headers(STREAM, [(":status", "200")].into_iter().chain(more))
}

fn ok() -> Frame {
    Frame::headers(STREAM, [STATUS_OK]).end_stream()
}

#[test]
fn a_whole_response_becomes_one_message_and_trailers() {
    let sent = [
        head([("content-length", "11"), ("x-a", "1")]),
        Frame::data(STREAM, "hello ").padded(7),
        Frame::data(STREAM, "world").end_stream(),
    ];
    let expected = [
        head([("content-length", "16"), ("x-a", "1"), CONTENT_TYPE]),
        Frame::data(STREAM, &b"\0\0\0\0\x0bhello "[..]).padded(7),
        Frame::data(STREAM, "world"),
        ok(),
    ];
    assert_eq!(translated(sent), expected);
}

#[test]
fn a_cut_response_stays_cut() {
    let reset = Frame::rst_stream(STREAM, ErrorCode::CANCEL);
    let sent = [head([]), Frame::data(STREAM, "hello"), reset.clone()];
    assert_eq!(translated(sent), [head([CONTENT_TYPE]), Frame::data(STREAM, message(b"hello")), reset]);
}

#[test]
fn large_content_keeps_its_length() {
    let sent = [head([("content-length", "2003")]), Frame::data(STREAM, vec![b'a'; 2_000]), Frame::data(STREAM, "end")];
    let begun = [&b"\0\0\0\x07\xce"[..], &[b'a'; 1_995]].concat();
    let head = head([("content-length", "2003"), CONTENT_TYPE]);
    assert_eq!(translated(sent), [head, Frame::data(STREAM, begun), Frame::data(STREAM, "end")]);
}

#[test]
fn trailers_get_the_status() {
    let trailers =
        |fields: &[(&'static str, &'static str)]| Frame::headers(STREAM, fields.iter().copied()).end_stream();
    let answer = |trailers| [head([]), Frame::data(STREAM, "hello"), trailers];
    let expected = |trailers| [head([CONTENT_TYPE]), Frame::data(STREAM, message(b"hello")), trailers];
    assert_eq!(translated(answer(trailers(&[("x-b", "2")]))), expected(trailers(&[("x-b", "2"), STATUS_OK])));
    let exhausted = trailers(&[("grpc-status", "8")]);
    assert_eq!(translated(answer(exhausted.clone())), expected(exhausted));
}

#[test]
fn a_head_alone_has_the_status_in_the_last_piece_of_its_block() {
    assert_eq!(translated([head([]).end_stream()]), [head([CONTENT_TYPE, STATUS_OK]).end_stream()]);
    let [first, last] = [&b"\x88\0\x03x"[..], &b"-a\x011"[..]];
    let more = Frame::headers(STREAM, [CONTENT_TYPE, STATUS_OK]).payload;
    let begun = Frame::headers_block(STREAM, first).end_stream();
    let rest = |block| Frame::continuation(STREAM, block).with_flags(flags::END_HEADERS);
    let sent = [begun.clone(), rest(last.to_vec())];
    assert_eq!(translated(sent), [begun, rest([last, &more].concat())]);
}

#[test]
fn a_wrong_content_length_is_wrong_by_as_much() {
    let sent = [head([("content-length", "10")]), Frame::data(STREAM, "hello").end_stream()];
    let expected = head([("content-length", "15"), CONTENT_TYPE]);
    assert_eq!(translated(sent), [expected, Frame::data(STREAM, message(b"hello")), ok()]);
    let nonsense = head([("content-length", "five")]);
    let sent = [nonsense, Frame::data(STREAM, "hello").end_stream()];
    let expected = head([("content-length", "five"), CONTENT_TYPE]);
    assert_eq!(translated(sent), [expected, Frame::data(STREAM, message(b"hello")), ok()]);
}

#[test]
fn what_is_no_plain_success_stays_as_it_is() {
    let body = || Frame::data(STREAM, "hello").end_stream();
    for frames in [
        vec![Frame::response(STREAM, 404), body()],
        vec![Frame::response(STREAM, 103), Frame::response(STREAM, 204).end_stream()],
        vec![head([("content-type", "text/plain")]), body()],
        // A block that does not decode, and one that is not continued.
        vec![Frame::headers_block(STREAM, &b"\x3f"[..]).with_flags(flags::END_HEADERS), body()],
        vec![Frame::headers_block(STREAM, &b"\x88"[..]), Frame::ping([0; 8]), body()],
        // Content without a head, and a promised response.
        vec![body()],
        vec![Frame::headers(StreamId::try_from(2).expect("it is one"), [(":status", "200")]).end_stream()],
    ] {
        assert_eq!(translated(frames.clone()), frames);
    }
    // Padding beyond the end of a frame ends nothing.
    let misfit = Frame::new(body().kind, flags::END_STREAM | flags::PADDED, STREAM, &b"\x10hello"[..]);
    assert_eq!(translated([head([]), misfit.clone()]), [head([CONTENT_TYPE]), misfit]);
}

#[test]
fn the_same_stream_is_another_on_each_connection() {
    let answer = |content: &'static str| [head([]), Frame::data(STREAM, content).end_stream()];
    let mut steps = Script::answering(answer("one")).steps().to_vec();
    steps.push(Step::Connection(2));
    steps.extend(answer("second").map(Step::Send));
    let script = in_grpc(&Script::new(steps));
    let sent: Vec<Frame> = script.frames().skip(1).map(|(_, frame)| frame.clone()).collect();
    let call = |content: &'static str| [head([CONTENT_TYPE]), Frame::data(STREAM, message(content.as_bytes())), ok()];
    assert_eq!(sent, [call("one"), call("second")].concat());
}

#[test]
fn every_request_but_a_head_is_a_post() {
    let request = |method| Step::Request(Asked::new(method).with_body(Body::new(3, BodyEnd::Complete)));
    let script = in_grpc(&Script::new([Method::Get, Method::Head, Method::Put].map(request).into()));
    assert_eq!(script, Script::new([Method::Post, Method::Head, Method::Post].map(request).into()));
}

async fn call(
    mut connector: Connector,
    request: Request<Content>,
    lax: bool,
) -> Result<Response<Full<Bytes>>, BoxError> {
    let io = connector.call(request.uri().clone()).await?;
    let (mut sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(io)).await?;
    tokio::spawn(connection);
    let request = request.map(|content| Full::new(message(&content.whole().unwrap_or_default())));
    let (head, mut body) = sender.send_request(request).await?.into_parts();
    let (mut read, mut trailers) = (Vec::new(), head.headers.clone());
    while let Some(frame) = body.frame().await {
        match frame.map(|frame| frame.into_data()) {
            Ok(Ok(data)) => read.extend_from_slice(&data),
            Ok(Err(frame)) => trailers = frame.into_trailers().unwrap_or_default(),
            Err(_) if lax => break,
            Err(error) => return Err(error.into()),
        }
    }
    let status = trailers.get(STATUS_OK.0).cloned();
    if !lax && status.is_none_or(|status| status != STATUS_OK.1) {
        return Err("the call has no status, or another".into());
    }
    let content = read.get(5..).unwrap_or_default().to_vec();
    Ok(Response::from_parts(head, Full::from(content)))
}

/// Checks a client with a connection for each call. It may take whatever it has for a whole message.
fn check(takes_a_cut_message_for_whole: bool, scenario: &str) -> Result<ClientResult, ClientFailed> {
    client("caller").on(StackName::Modern).grpc().only(scenario).check(|endpoint| {
        let connector = endpoint.connector();
        move |request: Request<Content>| call(connector.clone(), request, takes_a_cut_message_for_whole)
    })
}

#[test]
fn a_call_is_judged_by_its_message_and_its_status() {
    for scenario in ["eof-in-the-middle-of-a-body", "trailers-end-the-response", "goaway-at-our-stream-leaves-it-open"]
    {
        let passed = check(false, scenario).unwrap_or_else(|failed| panic!("{failed}"));
        assert_eq!(passed.plays, 1, "{passed}");
    }
    let failed = check(true, "eof-in-the-middle-of-a-body").expect_err("it is wrong");
    assert_eq!(failed.findings()[0].mistake.kind, MistakeKind::Truncated, "{failed}");
}
