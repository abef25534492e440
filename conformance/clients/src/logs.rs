//! The log of a client while a script is played to it.
//!
//! The crates of the SDK log through `tracing`, and an engineer has only these lines. Kept are all warnings and errors,
//! and the SDK's debug lines that give the result of an attempt. Only the message of an event is kept: its other fields
//! hold addresses, durations and identities, which differ between runs.

use conformance::client_driver::{LogLevel, LogLine};
use std::{cell::RefCell, fmt, sync::OnceLock};
use tracing_core::{
    Dispatch, Event, Field, Interest, Level, LevelFilter, Metadata, Subscriber, dispatcher,
    field::Visit,
    span::{Attributes, Current, Id, Record},
};

/// The level as the suite reports it.
fn log_level(level: Level) -> LogLevel {
    match level {
        Level::ERROR => LogLevel::Error,
        Level::WARN => LogLevel::Warn,
        Level::INFO => LogLevel::Info,
        _ => LogLevel::Debug,
    }
}

/// Runs `play`, and returns what was logged on this thread meanwhile, in order. Other subscribers of this thread do not
/// get these events.
pub(crate) fn record(play: &mut dyn FnMut()) -> Vec<LogLine> {
    let [collector, _] = COLLECTORS.get_or_init(|| [Dispatch::new(Collector), Dispatch::new(Collector)]);
    LOGGED.take();
    dispatcher::with_default(collector, play);
    LOGGED.take()
}

/// Every callsite asks once which subscribers are interested, and caches the answer. While there is only one
/// subscriber, it asks that of its own thread, and a thread without one would answer for all. So two exist until the
/// process ends.
static COLLECTORS: OnceLock<[Dispatch; 2]> = OnceLock::new();

thread_local! {
    /// What was logged on this thread.
    static LOGGED: RefCell<Vec<LogLine>> = const { RefCell::new(Vec::new()) };
}

/// The module in which the SDK logs, at debug level, the result of an attempt and whether another follows. The modules
/// below [`RETRIES`] do so too.
const ORCHESTRATOR: &str = "aws_smithy_runtime::client::orchestrator";
const RETRIES: &str = "aws_smithy_runtime::client::retries::";

/// The beginnings of those lines that every request logs, whatever its result.
const OF_EVERY_REQUEST: [&str; 5] = [
    "timeout settings for this operation",
    "retry settings for this operation",
    "no client rate limiter configured",
    "retry strategy has OKed initial request",
    "beginning attempt #1",
];

/// Whether such events are collected.
fn is_collected(metadata: &Metadata<'_>) -> bool {
    let tells = metadata.target() == ORCHESTRATOR || metadata.target().starts_with(RETRIES);
    metadata.is_event() && *metadata.level() <= if tells { Level::DEBUG } else { Level::WARN }
}

/// Collects the events of the threads on which it is the default.
struct Collector;

impl Subscriber for Collector {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if is_collected(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        is_collected(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::DEBUG)
    }

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let mut message = Message::default();
        event.record(&mut message);
        let message = message.0;
        if OF_EVERY_REQUEST.iter().any(|beginning| message.starts_with(beginning)) {
            return;
        }
        let (level, target) = (log_level(*metadata.level()), metadata.target().into());
        LOGGED.with_borrow_mut(|logged| logged.push(LogLine { level, target, message, times: 1 }));
    }

    // No span is ever enabled.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}

    fn current_span(&self) -> Current {
        Current::none()
    }
}

/// The message of an event.
#[derive(Default)]
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}
