//! A digest of observations, over a text form that does not change when this suite renames a type.

use super::{Outcome, OutcomeEnd, RequestOutcome};
use crate::{
    http2::hpack::Field,
    peer::{Event, Record},
    stacks::BodyHint,
    vocabulary::StackName,
};
use fnv::FnvHasher;
use std::{
    fmt::{self, Write},
    hash::Hasher,
};

/// A digest of what was observed on some stacks, and of the outcomes: equal ones have equal digests. It is the FNV-1a
/// hash of a text form, so it does not depend on the compiler, the build profile or the names of the suite's types.
/// Panics are left out, because some of them come from debug assertions of a stack.
pub fn digest<'s>(observed: impl IntoIterator<Item = (StackName, &'s Record, &'s Outcome)>) -> u64 {
    let mut text = Text(FnvHasher::default());
    for (stack, record, outcome) in observed {
        // Hashing does not fail.
        let _ = text.observed(stack, record, outcome);
    }
    text.0.finish()
}

/// The text form, hashed as it is written.
struct Text(FnvHasher);

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

impl Text {
    fn observed(&mut self, stack: StackName, record: &Record, outcome: &Outcome) -> fmt::Result {
        writeln!(self, "stack {stack}")?;
        for event in &record.events {
            self.event(event)?;
        }
        self.bytes("sent", &record.sent)?;
        self.bytes("written", &record.written)?;
        for (number, request) in outcome.requests.iter().enumerate() {
            writeln!(self, "request {number}")?;
            self.request(request)?;
        }
        for (stream, code) in &outcome.resets {
            writeln!(self, "RST_STREAM {stream} {code}")?;
        }
        for code in &outcome.goaways {
            writeln!(self, "GOAWAY {code}")?;
        }
        Ok(())
    }

    fn event(&mut self, event: &Event) -> fmt::Result {
        match event {
            Event::Step(step) => writeln!(self, "step {step}"),
            Event::Sent(bytes) => writeln!(self, "sent {} {}", bytes.start, bytes.end),
            Event::Received(bytes) => writeln!(self, "received {bytes}"),
            Event::Written(bytes) => writeln!(self, "written {} {}", bytes.start, bytes.end),
            Event::Issued(request) => writeln!(self, "issued {request}"),
            Event::Head(request) => writeln!(self, "head {request}"),
            Event::Ended(request) => writeln!(self, "ended {request}"),
            Event::Reads(request, bytes) => writeln!(self, "reads {request} {bytes}"),
            Event::Cancelled(request) => writeln!(self, "cancelled {request}"),
            Event::Rest => writeln!(self, "rest"),
            Event::Closed => writeln!(self, "closed"),
            Event::ReadEnd => writeln!(self, "read end"),
            Event::ReadFailed(failure) => writeln!(self, "read failed {failure}"),
            Event::WriteFailed(failure) => writeln!(self, "write failed {failure}"),
            Event::ClientClosed => writeln!(self, "client closed"),
            Event::Fed(request, bytes, end) => writeln!(self, "fed {request} {bytes} {end}"),
            Event::ClientDropped => writeln!(self, "client dropped"),
            Event::Unmet(step) => writeln!(self, "unmet {step}"),
        }
    }

    fn request(&mut self, request: &RequestOutcome) -> fmt::Result {
        writeln!(self, "phase {} status {:?} written {}", request.phase, request.status, request.written)?;
        self.fields("headers", Some(&request.headers))?;
        if let Some(BodyHint { is_end_stream, lower, upper }) = request.hint {
            writeln!(self, "hint {is_end_stream} {lower} {upper:?}")?;
        }
        self.bytes("body", &request.body)?;
        self.fields("trailers", request.trailers.as_ref())?;
        match &request.end {
            OutcomeEnd::Open => writeln!(self, "open"),
            OutcomeEnd::Complete => writeln!(self, "complete"),
            OutcomeEnd::Cancelled => writeln!(self, "cancelled"),
            OutcomeEnd::Failed(chain, verdict) => {
                writeln!(self, "failed {chain}: {} {}", verdict.processed, verdict.advice)
            }
        }
    }

    fn fields(&mut self, what: &str, fields: Option<&Vec<Field>>) -> fmt::Result {
        writeln!(self, "{what} {:?}", fields.map(Vec::len))?;
        fields.into_iter().flatten().try_for_each(|(name, value)| writeln!(self, "{name}: {value}"))
    }

    fn bytes(&mut self, what: &str, bytes: &[u8]) -> fmt::Result {
        writeln!(self, "{what} {}", bytes.len())?;
        self.0.write(bytes);
        Ok(())
    }
}
