//! What other crates print around an error of hyper or h2, or print themselves: what the catalogue cannot realise.

use crate::{
    chain::{H2Link, HyperLink, IoKind, Link, Origin, Scope},
    vocabulary::Phase::{self, Body, Connection, Head},
};
use std::io::ErrorKind::{self, *};

/// A text that one crate prints.
pub(super) struct Wrapping {
    /// The crate.
    pub(super) of: &'static str,
    /// What it prints, in `Display` or at the beginning of its `Debug`.
    pub(super) text: &'static str,
    /// Its links.
    pub(super) links: &'static [Link],
    /// How far the request can have come; empty if the text does not say it.
    pub(super) phases: &'static [Phase],
}

const fn wrapping(of: &'static str, text: &'static str, links: &'static [Link], phases: &'static [Phase]) -> Wrapping {
    Wrapping { of, text, links, phases }
}

const OTHER: &[Link] = &[Link::Other];
const ELAPSED: &[Link] = &[Link::Elapsed];
const CONNECT: &[Link] = &[Link::Pool { connect: true }];
const POOL: &[Link] = &[Link::Pool { connect: false }];
const CALL: &[Link] = &[Link::H2(H2Link { scope: Scope::Call, origin: Origin::User, reason: None })];
const NONE: HyperLink = HyperLink {
    timeout: false,
    user: false,
    canceled: false,
    closed: false,
    incomplete_message: false,
    body_write_aborted: false,
    parse: false,
};
const USER: &[Link] = &[Link::Hyper(HyperLink { user: true, ..NONE })];
const PARSE: &[Link] = &[Link::Hyper(HyperLink { parse: true, ..NONE })];
const EOF: &[Link] = &[Link::Io(IoKind(UnexpectedEof)), Link::Other];

/// All of them.
pub(super) const WRAPPINGS: &[Wrapping] = &[
    wrapping("reqwest", "error sending request", OTHER, &[Head]),
    wrapping("reqwest", "reqwest::Error { kind: Request", OTHER, &[Head]),
    wrapping("reqwest", "error decoding response body", OTHER, &[Body]),
    wrapping("reqwest", "reqwest::Error { kind: Decode", OTHER, &[Body]),
    wrapping("reqwest", "request or response body error", OTHER, &[Head, Body]),
    wrapping("reqwest", "reqwest::Error { kind: Body", OTHER, &[Head, Body]),
    wrapping("reqwest", "error following redirect", OTHER, &[]),
    wrapping("reqwest", "operation timed out", ELAPSED, &[]),
    wrapping("reqwest", "source: TimedOut", ELAPSED, &[]),
    wrapping("aws-smithy-runtime-api", "dispatch failure", OTHER, &[Head]),
    wrapping("aws-smithy-runtime-api", "DispatchFailure(", OTHER, &[Head]),
    wrapping("aws-smithy-runtime-api", "request has timed out", ELAPSED, &[]),
    wrapping("aws-smithy-runtime-api", "TimeoutError(TimeoutError", ELAPSED, &[]),
    wrapping("aws-smithy-http-client", "HTTP connect timeout occurred after", ELAPSED, &[Connection]),
    wrapping("aws-smithy-http-client", "HTTP read timeout occurred after", ELAPSED, &[Head]),
    wrapping("tonic", "transport error", OTHER, &[Head]),
    wrapping("tonic", "tonic::transport::Error(Transport", OTHER, &[Head]),
    wrapping("tonic", "h2 protocol error", OTHER, &[]),
    wrapping("tonic", "Timeout expired", ELAPSED, &[]),
    wrapping("hyper-util", "client error (ChannelClosed)", POOL, &[Head]),
    wrapping("hyper-util", "legacy::Error(ChannelClosed", POOL, &[Head]),
    wrapping("hyper 0.12", "an error occurred trying to connect", CONNECT, &[Head]),
    wrapping("hyper-util", "tcp connect error", OTHER, &[Connection]),
    wrapping("hyper-util", "tcp open error", OTHER, &[Connection]),
    wrapping("hyper-util", "dns error", OTHER, &[Connection]),
    wrapping("std", "failed to lookup address information", OTHER, &[Connection]),
    wrapping("rustls", "invalid peer certificate", OTHER, &[Connection]),
    wrapping("rustls", "received fatal alert", OTHER, &[]),
    wrapping("rustls", "peer closed connection without sending TLS close_notify", EOF, &[]),
    wrapping("tokio-rustls", "tls handshake eof", EOF, &[Connection]),
    wrapping("openssl", "certificate verify failed", OTHER, &[Connection]),
    wrapping("hyper", "unexpected EOF during chunk size line", EOF, &[Body]),
    wrapping("hyper", "unexpected transfer-encoding parsed", PARSE, &[Head]),
    wrapping("hyper", "invalid HTTP version parsed (found HTTP2 preface)", PARSE, &[Head]),
    wrapping("hyper", "hyper::Error(Parse(VersionH2)", PARSE, &[Head]),
    wrapping("hyper", "user sent CONNECT request with non-zero body", USER, &[Head]),
    wrapping("hyper", "request has unsupported HTTP method", USER, &[Head]),
    wrapping("h2", "user error: inactive stream", CALL, &[Head, Body]),
    wrapping("h2", "user error: malformed headers", CALL, &[Head]),
    wrapping("h2", "user error: stream ID overflowed", CALL, &[Head]),
    wrapping("h2", "Error { kind: User(", CALL, &[Head, Body]),
];

/// What an operating system calls a kind of I/O error. What `std` and hyper call it is in the catalogue.
pub(super) const OF_SYSTEMS: &[(&str, ErrorKind)] = &[
    ("Connection reset by peer", ConnectionReset),
    ("Connection refused", ConnectionRefused),
    ("Broken pipe", BrokenPipe),
    ("Connection timed out", TimedOut),
    ("Operation timed out (os error 60)", TimedOut),
    ("Network is unreachable", NetworkUnreachable),
    ("No route to host", HostUnreachable),
    ("Network is down", NetworkDown),
    ("Transport endpoint is not connected", NotConnected),
    ("Socket is not connected", NotConnected),
    ("Software caused connection abort", ConnectionAborted),
    ("Address already in use", AddrInUse),
    ("Cannot assign requested address", AddrNotAvailable),
    ("Can't assign requested address", AddrNotAvailable),
    ("os error 10048", AddrInUse),
    ("os error 10049", AddrNotAvailable),
    ("os error 10051", NetworkUnreachable),
    ("os error 10053", ConnectionAborted),
    ("os error 10054", ConnectionReset),
    ("os error 10057", NotConnected),
    ("os error 10060", TimedOut),
    ("os error 10061", ConnectionRefused),
    ("os error 10065", HostUnreachable),
];
