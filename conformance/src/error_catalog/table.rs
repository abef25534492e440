use super::{CatalogEntry, Source};
use crate::{
    chain::{H2Link, HyperLink, IoKind, Link, Origin, Scope},
    http2::{ErrorCode, Frame, FrameType, SettingId, StreamId},
    script::{Body, BodyEnd, IoFailure, Method, Request, Script, Step},
    stacks::{Call, Via},
    vocabulary::{PerStack, Phase, StackName},
};
use bytes::Bytes;
use std::io::ErrorKind;

/// The whole table, theme by theme.
pub(super) fn all() -> Vec<CatalogEntry> {
    let mut table = Vec::new();
    frames(&mut table, "hyper", Via::Http2, &[HYPER]);
    frames(&mut table, "h2", Via::H2, &[]);
    frames(&mut table, "pool", Via::Pool, &[HYPER]);
    h2_alone(&mut table);
    hyper_alone(&mut table);
    http1(&mut table);
    pool_alone(&mut table);
    calls(&mut table);
    plain(&mut table);
    pool_loses_its_connection(&mut table);
    table
}

const HYPER: Link = Link::Hyper(NOTHING);
const NOTHING: HyperLink = HyperLink {
    timeout: false,
    user: false,
    canceled: false,
    closed: false,
    incomplete_message: false,
    body_write_aborted: false,
    parse: false,
};
const USER: Link = Link::Hyper(HyperLink { user: true, ..NOTHING });
const CANCELED: Link = Link::Hyper(HyperLink { canceled: true, ..NOTHING });
const CLOSED: Link = Link::Hyper(HyperLink { closed: true, ..NOTHING });

/// An error code without a name in RFC 9113.
const UNNAMED: ErrorCode = ErrorCode(0x42);

fn codes() -> impl Iterator<Item = ErrorCode> {
    (0..=13).map(ErrorCode).chain([UNNAMED])
}

fn h2(origin: Origin, scope: Scope, reason: ErrorCode) -> Link {
    Link::H2(H2Link { origin, scope, reason: Some(reason) })
}

/// hyper-util's error of a pool that had a connection.
const POOL: Link = Link::Pool { connect: false };
const H2_IO: Link = Link::H2(H2Link { origin: Origin::User, scope: Scope::Transport, reason: None });

fn io(kind: ErrorKind) -> Link {
    Link::Io(IoKind(kind))
}

impl CatalogEntry {
    /// An entry that both stacks have, with the same links.
    fn both(name: String, source: Source, links: impl Into<Vec<Link>>) -> CatalogEntry {
        let links = links.into();
        CatalogEntry { name, phase: Phase::Head, links: PerStack::of(|_| Ok(links.clone())), source }
    }

    fn in_phase(mut self, phase: Phase) -> CatalogEntry {
        self.phase = phase;
        self
    }

    fn with_modern(mut self, links: &[Link]) -> CatalogEntry {
        self.links[StackName::Modern] = Ok(links.to_vec());
        self
    }

    fn without(mut self, stack: StackName, why: &'static str) -> CatalogEntry {
        self.links[stack] = Err(why);
        self
    }

    /// The entry for a body that the peer cuts off: with some codes hyper gives no error and takes it as complete.
    fn cut_by_hyper(self, code: ErrorCode) -> CatalogEntry {
        let complete = "hyper takes the body that was cut off as complete";
        match code {
            ErrorCode::NO_ERROR => self.without(StackName::Legacy, complete).without(StackName::Modern, complete),
            ErrorCode::CANCEL => self.without(StackName::Legacy, complete),
            _ => self,
        }
    }

    /// The entry for hyper-util, whose pool wraps hyper's error in one of its own.
    fn by_way_of(mut self, via: Via) -> CatalogEntry {
        if let (Via::Pool, Ok(links)) = (via, &mut self.links[StackName::Modern]) {
            links.insert(0, POOL);
        }
        self
    }
}

/// Errors that the peer's frames cause over HTTP/2.
fn frames(table: &mut Vec<CatalogEntry>, way: &str, via: Via, around: &[Link]) {
    let entry = |name: &str, code: ErrorCode, script: Script, origin: Origin, scope: Scope| {
        let source = Source::Exchange(via, script, 0);
        CatalogEntry::both(format!("{way}:{name}({code})"), source, [around, &[h2(origin, scope, code)]].concat())
    };
    for code in codes() {
        let goaway = |debug: &[u8]| Frame::goaway(StreamId::CONNECTION, code, debug);
        let rst_stream = Frame::rst_stream(StreamId::FIRST, code);
        for (name, frame, scope) in [
            ("goaway", goaway(b""), Scope::Connection),
            ("goaway-with-debug-data", goaway(b"too_many_pings"), Scope::Connection),
            ("rst-stream", rst_stream.clone(), Scope::Stream),
        ] {
            table.push(entry(name, code, Script::answering([frame]), Origin::Remote, scope).by_way_of(via));
        }
        for (name, frame, scope) in
            [("body-goaway", goaway(b""), Scope::Connection), ("body-rst-stream", rst_stream, Scope::Stream)]
        {
            let entry = entry(name, code, mid_body([frame]), Origin::Remote, scope).in_phase(Phase::Body);
            table.push(if via == Via::H2 { entry } else { entry.cut_by_hyper(code) });
        }
    }
    let malformed = Frame::headers(StreamId::FIRST, [(":status", "200"), ("connection", "close")]);
    let library = connection_errors().map(|(code, frame)| ("connection-error", code, frame, Scope::Connection));
    let stream = [("stream-error", ErrorCode::PROTOCOL_ERROR, malformed, Scope::Stream)];
    for (name, code, frame, scope) in library.into_iter().chain(stream) {
        table.push(entry(name, code, Script::answering([frame]), Origin::Library, scope).by_way_of(via));
    }
}

/// One frame for each code of h2's connection errors. h2 gives PROTOCOL_ERROR for a field block that does not decode.
fn connection_errors() -> [(ErrorCode, Frame); 3] {
    let too_long = Frame { length: Some(16_385), ..Frame::data(StreamId::FIRST, &b""[..]) };
    [
        (ErrorCode::PROTOCOL_ERROR, Frame::data(StreamId::CONNECTION, &b"."[..])),
        (ErrorCode::FLOW_CONTROL_ERROR, Frame::window_update(StreamId::CONNECTION, (1 << 31) - 1)),
        (ErrorCode::FRAME_SIZE_ERROR, too_long),
    ]
}

/// A response with these frames after its head and a part of its body.
fn mid_body(frames: impl IntoIterator<Item = Frame>) -> Script {
    let response = [Frame::response(StreamId::FIRST, 200), Frame::data(StreamId::FIRST, &b"part"[..])];
    let cut = [Step::Pass(0)].into_iter().chain(frames.into_iter().map(Step::Send));
    steps_after(Script::answering(response), cut)
}

fn steps_after(script: Script, steps: impl IntoIterator<Item = Step>) -> Script {
    Script::new(script.steps().iter().cloned().chain(steps).collect())
}

/// A request whose first write fails.
fn write_fails(failure: IoFailure) -> Script {
    Script::new(vec![Step::FailWrite { failure, after: 0 }, Step::Request(Request::get())])
}

/// Errors that the transport causes in h2 without hyper.
fn h2_alone(table: &mut Vec<CatalogEntry>) {
    for failure in IoFailure::ALL {
        let kind = failure.kind();
        let read = steps_after(Script::answering([]), [Step::FailRead(failure)]);
        for (name, script) in [("read", read), ("write", write_fails(failure))] {
            let source = Source::Exchange(Via::H2, script, 0);
            table.push(CatalogEntry::both(format!("h2:{name}({kind:?})"), source, [H2_IO, io(kind)]));
        }
    }
}

/// Errors that only hyper gives over HTTP/2.
fn hyper_alone(table: &mut Vec<CatalogEntry>) {
    let mut add = |name: String, script: Script, request: usize, links: Vec<Link>, phase: Phase| {
        table.push(CatalogEntry::both(name, Source::Exchange(Via::Http2, script, request), links).in_phase(phase));
    };
    for failure in IoFailure::ALL {
        let kind = failure.kind();
        let read = steps_after(Script::answering([]), [Step::FailRead(failure)]);
        add(format!("hyper:read({kind:?})"), read, 0, vec![HYPER, io(kind)], Phase::Head);
        let read = steps_after(mid_body([]), [Step::FailRead(failure)]);
        add(format!("hyper:body-read({kind:?})"), read, 0, vec![HYPER, H2_IO, io(kind)], Phase::Body);
        let write = write_fails(failure);
        add(format!("hyper:write({kind:?})"), write, 0, vec![HYPER, io(kind)], Phase::Connection);
    }
    let eof = steps_after(Script::answering([]), [Step::Close]);
    add("hyper:eof".into(), eof, 0, vec![HYPER, io(ErrorKind::BrokenPipe), Link::Other], Phase::Head);
    let silence = steps_after(Script::answering([]), [Step::Pass(30_100), Step::Pass(10_100)]);
    let timeout = Link::Hyper(HyperLink { timeout: true, ..NOTHING });
    add("hyper:timeout".into(), silence, 0, vec![timeout, Link::Other, Link::Other], Phase::Head);
    let closed = steps_after(Script::answering([]), [Step::Close, Step::Pass(0), Step::Request(Request::get())]);
    add("hyper:closed".into(), closed, 1, vec![CLOSED], Phase::Sending);
    let failing = Request::new(Method::Post).with_body(Body::new(1, BodyEnd::Fails));
    let own = Script::new(vec![Step::Request(failing), Step::Send(Frame::settings([])), Step::Pass(0)]);
    let reset = h2(Origin::User, Scope::Stream, ErrorCode::INTERNAL_ERROR);
    add("hyper:request-body".into(), own, 0, vec![HYPER, reset], Phase::Head);
    let uploading = Request::new(Method::Post).with_body(Body::new(0, BodyEnd::Never));
    let overflow = Script::new(vec![
        Step::Request(uploading),
        Step::Send(Frame::settings([])),
        Step::awaits(FrameType::HEADERS, StreamId::FIRST),
        Step::Send(Frame::window_update(StreamId::FIRST, (1 << 31) - 1)),
    ]);
    let library = h2(Origin::Library, Scope::Stream, ErrorCode::FLOW_CONTROL_ERROR);
    add("hyper:stream-error(FLOW_CONTROL_ERROR)".into(), overflow, 0, vec![HYPER, library], Phase::Head);
    let waits = Script::new(vec![
        Step::Request(Request::get()),
        Step::Request(Request::get()),
        Step::Send(Frame::settings([(SettingId::MAX_CONCURRENT_STREAMS, 1)])),
        Step::awaits(FrameType::HEADERS, StreamId::FIRST),
        Step::Send(Frame::goaway(StreamId::FIRST, ErrorCode::NO_ERROR, b"")),
    ]);
    add("hyper:dispatch-gone".into(), waits, 1, vec![USER, Link::Other], Phase::Head);
    let canceled =
        Script::new(vec![Step::Send(Frame::settings([])), Step::Pass(0), Step::Request(Request::get()), Step::Close]);
    add("hyper:canceled".into(), canceled, 0, vec![CANCELED, Link::Other], Phase::Head);
    table.push(library_calm("hyper", Via::Http2, flood(), 0).in_phase(Phase::Body));
}

/// The error of a request after the library ended its connection, because a body reached one of the library's limits.
fn library_calm(way: &str, via: Via, script: Script, request: usize) -> CatalogEntry {
    let calm = h2(Origin::Library, Scope::Connection, ErrorCode::ENHANCE_YOUR_CALM);
    let source = Source::Exchange(via, script, request);
    let entry = CatalogEntry::both(format!("{way}:connection-error(ENHANCE_YOUR_CALM)"), source, [HYPER, calm]);
    entry.without(StackName::Legacy, "h2 0.3 accepts any number of empty DATA frames").by_way_of(via)
}

/// A body of more empty frames than h2 0.4 accepts.
fn flood() -> Script {
    let empty = Step::Send(Frame::data(StreamId::FIRST, &b""[..]));
    steps_after(mid_body([]), std::iter::repeat_n(empty, 101))
}

fn says(text: &'static [u8]) -> Step {
    Step::SendRaw(Bytes::from_static(text))
}

/// Errors that hyper gives over HTTP/1.1.
fn http1(table: &mut Vec<CatalogEntry>) {
    let asked = || vec![Step::Request(Request::get()), Step::Pass(0)];
    let mut add = |name: &str, via: Via, steps: Vec<Step>, request: usize, links: Vec<Link>, phase: Phase| {
        let source = Source::Exchange(via, Script::new(steps), request);
        table.push(CatalogEntry::both(format!("http1:{name}"), source, links).in_phase(phase));
    };
    let answered = |texts: &[&'static [u8]]| -> Vec<Step> {
        let answer = texts.iter().flat_map(|text| [says(text), Step::Pass(0)]);
        asked().into_iter().chain(answer).collect()
    };
    let parse = Link::Hyper(HyperLink { parse: true, ..NOTHING });
    let incomplete = Link::Hyper(HyperLink { incomplete_message: true, ..NOTHING });
    for (name, text) in [
        ("parse-version", &b"HTTP/7.3 200 OK\r\n\r\n"[..]),
        ("parse-status", b"HTTP/1.1 abc\r\n\r\n"),
        ("parse-header", b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n"),
        ("parse-content-length", b"HTTP/1.1 200 OK\r\ncontent-length: 1, 2\r\n\r\n"),
        ("parse-http2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ] {
        add(name, Via::Http1, answered(&[text]), 0, vec![parse.clone()], Phase::Head);
    }
    let mut many_fields = asked();
    many_fields.push(says(b"HTTP/1.1 200 OK\r\n"));
    many_fields.extend(std::iter::repeat_n(says(b"x: y\r\n"), 101));
    many_fields.extend([says(b"\r\n"), Step::Pass(0)]);
    add("parse-too-large", Via::Http1, many_fields, 0, vec![parse.clone()], Phase::Head);
    let with = |steps: Vec<Step>, last: Step| [steps, vec![last]].concat();
    add("incomplete-message", Via::Http1, with(asked(), Step::Close), 0, vec![incomplete.clone()], Phase::Head);
    let part = answered(&[b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\npart"]);
    let chunked = |chunk: &'static [u8]| answered(&[b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", chunk]);
    let cut = |kind| vec![HYPER, io(kind), Link::Other];
    add("body-cut", Via::Http1, with(part, Step::Close), 0, cut(ErrorKind::UnexpectedEof), Phase::Body);
    add("body-chunk", Via::Http1, chunked(b"no size\r\n"), 0, cut(ErrorKind::InvalidInput), Phase::Body);
    for failure in IoFailure::ALL {
        let kind = failure.kind();
        let read = with(asked(), Step::FailRead(failure));
        add(&format!("read({kind:?})"), Via::Http1, read, 0, vec![HYPER, io(kind)], Phase::Head);
        let read = with(answered(&[b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\npart"]), Step::FailRead(failure));
        add(&format!("body-read({kind:?})"), Via::Http1, read, 0, vec![HYPER, io(kind)], Phase::Body);
        let write = write_fails(failure).steps().to_vec();
        add(&format!("write({kind:?})"), Via::Http1, write, 0, vec![HYPER, io(kind)], Phase::Head);
    }
    let closed = vec![Step::Close, Step::Pass(0), Step::Request(Request::get())];
    add("closed", Via::Http1, closed, 0, vec![CLOSED], Phase::Sending);
    let canceled = vec![Step::Pass(0), Step::Request(Request::get()), Step::Close];
    add("canceled", Via::Http1, canceled, 0, vec![CANCELED, incomplete], Phase::Head);
    let whole = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    let twice =
        answered(&[b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"]);
    add("unexpected-message", Via::Http1Connection, twice, 0, vec![HYPER], Phase::Connection);
    let shutdown = with(answered(&[whole]), Step::Close);
    add("shutdown", Via::Http1Connection, shutdown, 0, vec![HYPER, io(ErrorKind::NotConnected)], Phase::Connection);
}

/// Errors that only a pool gives.
fn pool_alone(table: &mut Vec<CatalogEntry>) {
    let gone = steps_after(
        Script::answering([Frame::goaway(StreamId::CONNECTION, ErrorCode::NO_ERROR, b"")]),
        [Step::Close, Step::Pass(0), Step::Request(Request::get())],
    );
    // The error depends on which task notices first that the connection is gone.
    let lost = Script::new(vec![Step::Close, Step::Request(Request::get())]);
    let lost = CatalogEntry::both("pool:lost".into(), Source::Exchange(Via::Pool, lost, 0), [CLOSED]);
    table.push(lost.with_modern(&[POOL, CANCELED, Link::Other]));
    for failure in IoFailure::ALL {
        let source = Source::Exchange(Via::Pool, write_fails(failure), 0);
        let name = format!("pool:write({:?})", failure.kind());
        table.push(CatalogEntry::both(name, source, [HYPER, io(failure.kind())]).by_way_of(Via::Pool));
    }
    let links = [Link::Pool { connect: true }, io(ErrorKind::ConnectionRefused)];
    table.push(CatalogEntry::both("pool:connect".into(), Source::Exchange(Via::Pool, gone, 1), links));
}

/// Errors of calls that need no peer.
fn calls(table: &mut Vec<CatalogEntry>) {
    for code in codes() {
        let link = h2(Origin::User, Scope::Call, code);
        table.push(CatalogEntry::both(format!("h2:reason({code})"), Source::Call(Call::Reason(code)), [link]));
    }
    let only_legacy = "hyper 1 has no body with a public sender";
    let aborted = Link::Hyper(HyperLink { user: true, body_write_aborted: true, ..NOTHING });
    let entry = |name: &str, call, links: &[Link]| CatalogEntry::both(name.into(), Source::Call(call), links);
    table.extend([
        // Only the text of hyper-util's error says whose fault it is.
        entry("pool:relative-uri", Call::RelativeUri, &[USER]).with_modern(&[POOL]),
        entry("pool:unsupported-version", Call::UnsupportedVersion, &[USER]).with_modern(&[POOL]),
        entry("http1:no-upgrade", Call::NoUpgrade, &[USER]),
        entry("http1:short-body", Call::ShortBody, &[aborted.clone(), Link::Other]),
        entry("body:aborted", Call::BodyAborted, &[aborted]).without(StackName::Modern, only_legacy),
        entry("body:closed", Call::BodyClosed, &[CLOSED]).without(StackName::Modern, only_legacy),
    ]);
}

/// Errors from neither hyper nor h2.
fn plain(table: &mut Vec<CatalogEntry>) {
    for failure in IoFailure::ALL {
        let kind = failure.kind();
        table.push(CatalogEntry::both(format!("io({kind:?})"), Source::Io(kind), [io(kind)]));
    }
    table.push(CatalogEntry::both("elapsed".into(), Source::Elapsed, [Link::Elapsed]));
    table.push(CatalogEntry::both("unknown".into(), Source::Unknown, [Link::Other]));
}

/// Errors of requests whose connection the transport or the library ended under a pool. They stand at the end, because
/// the bytes of an error chain count the entries.
fn pool_loses_its_connection(table: &mut Vec<CatalogEntry>) {
    for failure in IoFailure::ALL {
        let read = steps_after(Script::answering([]), [Step::FailRead(failure)]);
        let (name, source) = (format!("pool:read({:?})", failure.kind()), Source::Exchange(Via::Pool, read, 0));
        table.push(CatalogEntry::both(name, source, [HYPER, io(failure.kind())]).by_way_of(Via::Pool));
    }
    let beside = Script::new([&[Step::Request(Request::get())], flood().steps()].concat());
    table.push(library_calm("pool", Via::Pool, beside, 1));
}
