//! Situations that generated scripts have to bring about: each is rare in random frames, and hides its own faults.
//!
//! To add a situation, add it to [`SITUATIONS`].

use crate::{
    comparison::Comparison,
    http2::{Frame, FrameType, SettingId, View, flags},
    outcome::OutcomeEnd,
    peer::Event,
    rfc9113::{Clause, ConnectionState},
    script::{Reads, Request, Script, Step},
    stacks::Settings,
    vocabulary::{Phase, StackName},
};
use std::collections::BTreeSet;

/// Something that can happen in an exchange.
pub(super) struct Situation {
    /// What happens, in a few words.
    pub about: &'static str,
    /// Whether it happens in this exchange.
    pub holds: fn(&Script, &Comparison) -> bool,
}

/// Every situation.
pub(super) const SITUATIONS: &[Situation] = &[
    Situation {
        about: "a whole response with more content than a stream's window",
        holds: |_, comparison| handed_over(comparison, |body, _, _| body > Settings::EQUAL.stream_window as usize),
    },
    Situation {
        about: "a response with a field section longer than a frame",
        holds: |_, comparison| handed_over(comparison, |_, fields, _| fields > Settings::EQUAL.max_frame_size as usize),
    },
    Situation {
        about: "a whole response with content in ten frames or more",
        holds: |script, comparison| {
            let content = script.frames().filter(|(_, frame)| frame.kind == FrameType::DATA).count();
            content >= 10 && handed_over(comparison, |body, _, whole| body > 0 && whole)
        },
    },
    Situation {
        about: "a response with a field name on several lines",
        holds: |_, comparison| {
            let mut requests = comparison.sides[StackName::Modern].outcome.requests.iter();
            requests.any(|request| {
                let repeats = |(at, field): (usize, &(String, String))| {
                    request.headers[..at].iter().any(|before| before.0 == field.0)
                };
                request.headers.iter().enumerate().any(repeats)
            })
        },
    },
    Situation {
        about: "a request that comes back to its application, to be sent again",
        holds: |_, comparison| {
            let mut requests = comparison.sides[StackName::Modern].observation.requests.iter();
            requests.any(|request| request.handed_back == Some(true))
        },
    },
    Situation {
        about: "a peer that pads every DATA and HEADERS frame of a response",
        holds: |script, comparison| {
            let can_be = |frame: &&Frame| matches!(frame.kind, FrameType::DATA | FrameType::HEADERS);
            let mut frames = script.frames().map(|(_, frame)| frame).filter(can_be).peekable();
            frames.peek().is_some()
                && frames.all(|frame| frame.has(flags::PADDED))
                && handed_over(comparison, |body, _, whole| body > 0 && whole)
        },
    },
    Situation {
        about: "a request after the size of the dynamic table changed between requests",
        holds: |script, comparison| {
            let requests = script.steps().iter().position(|step| step.request().is_some()).unwrap_or_default();
            let resizes = |step: &Step| step.frame().is_some_and(|frame| sets(frame, SettingId::HEADER_TABLE_SIZE));
            let resized = script.steps()[requests..].iter().position(resizes).map(|at| requests + at);
            let later = resized.is_some_and(|at| script.steps()[at..].iter().any(|step| step.request().is_some()));
            later && written(comparison) == script.requests().count()
        },
    },
    Situation {
        about: "a request that waits for a slot when the peer sends GOAWAY",
        holds: |script, comparison| {
            let limited = script.frames().any(|(_, frame)| sets(frame, SettingId::MAX_CONCURRENT_STREAMS));
            let model = &comparison.sides[StackName::Modern].model;
            let drains = matches!(model.connection, ConnectionState::Draining { .. });
            limited && drains && model.truths.iter().any(|truth| truth.stream.is_none())
        },
    },
    Situation {
        about: "a request that is cancelled before it is written",
        holds: |script, comparison| cancelled(script, comparison, |_, _, was_written| !was_written),
    },
    Situation {
        about: "a request that is cancelled while it waits for its head",
        holds: |script, comparison| {
            cancelled(script, comparison, |_, phase, was_written| was_written && phase == Phase::Head)
        },
    },
    Situation {
        about: "a request that is cancelled in its body",
        holds: |script, comparison| cancelled(script, comparison, |_, phase, _| phase == Phase::Body),
    },
    Situation {
        about: "a request that is cancelled while its upload runs",
        holds: |script, comparison| {
            cancelled(script, comparison, |request, _, was_written| was_written && request.body().size() > 0)
        },
    },
    Situation {
        about: "a response that nobody reads to its end",
        holds: |_, comparison| {
            let side = &comparison.sides[StackName::Modern];
            let mut requests = side.outcome.requests.iter().zip(&side.model.truths);
            requests.any(|(request, truth)| {
                truth.wanted.is_some() && request.end == OutcomeEnd::Open && request.phase == Phase::Body
            })
        },
    },
    Situation {
        about: "a reader that goes on after a pause, to the end",
        holds: |script, comparison| {
            let side = &comparison.sides[StackName::Modern];
            let mut requests = script.requests().zip(&side.outcome.requests);
            requests.any(|(asked, request)| match asked.read() {
                Reads::Bytes(bytes) => request.end == OutcomeEnd::Complete && request.body.len() > bytes as usize,
                Reads::All => false,
            })
        },
    },
    Situation {
        about: "an upload that is fed in pieces, to the end",
        holds: |_, comparison| {
            let record = &comparison.sides[StackName::Modern].observation.record;
            let mut fed = record.events.iter().filter_map(|event| match event {
                Event::Fed(number, _, true) => record.stream_of(*number),
                _ => None,
            });
            fed.any(|stream| record.client_frames().any(|frame| frame.stream == stream && frame.ends_stream()))
        },
    },
    Situation {
        about: "trailers of a request",
        holds: |script, comparison| {
            let record = &comparison.sides[StackName::Modern].observation.record;
            let has_trailers = |request: &Request| !request.trailers().is_empty();
            let mut streams = script.requests().enumerate().filter(|(_, request)| has_trailers(request));
            streams.any(|(number, _)| {
                let on_it = |frame: &Frame| Some(frame.stream) == record.stream_of(number);
                let heads = record.client_frames().filter(|frame| frame.kind == FrameType::HEADERS && on_it(frame));
                heads.count() > 1
            })
        },
    },
    Situation {
        about: "a tunnel that has carried bytes in both directions, and has ended",
        holds: |script, comparison| {
            let side = &comparison.sides[StackName::Modern];
            let mut requests = script.requests().zip(&side.outcome.requests).enumerate();
            requests.any(|(number, (asked, request))| {
                let stream = side.observation.record.stream_of(number);
                let carries = |frame: Frame| Some(frame.stream) == stream && frame.kind == FrameType::DATA;
                let received = request.end == OutcomeEnd::Complete && !request.body.is_empty();
                asked.is_connect() && received && side.observation.record.client_frames().any(carries)
            })
        },
    },
    Situation {
        about: "a response that is whole although the application has dropped its client",
        holds: |_, comparison| {
            let side = &comparison.sides[StackName::Modern];
            let mut later = side.observation.record.events.iter();
            later.any(|event| *event == Event::ClientDropped)
                && later.any(|event| match event {
                    Event::Ended(number) => side.outcome.requests[*number].end == OutcomeEnd::Complete,
                    _ => false,
                })
        },
    },
    Situation {
        about: "several uploads that waited for a window and went on",
        holds: |script, comparison| {
            // Every byte of content then had to wait.
            let shuts = |step: &Step| match step.frame().map(Frame::view) {
                Some(View::Settings(settings)) => settings.contains(&(SettingId::INITIAL_WINDOW_SIZE, 0)),
                _ => false,
            };
            if !script.steps().first().is_some_and(shuts) {
                return false;
            }
            let record = &comparison.sides[StackName::Modern].observation.record;
            let has_content = |frame: &Frame| frame.kind == FrameType::DATA && !frame.payload.is_empty();
            let uploads: BTreeSet<_> = record.client_frames().filter(has_content).map(|frame| frame.stream).collect();
            uploads.len() > 1
        },
    },
];

/// Which of the situations the exchange brings about, in their order.
pub(super) fn of(script: &Script, comparison: &Comparison) -> Vec<bool> {
    SITUATIONS.iter().map(|situation| (situation.holds)(script, comparison)).collect()
}

/// Whether the application cancelled a request for which this holds: of the request, the phase that it had reached, and
/// whether it had been written.
fn cancelled(script: &Script, comparison: &Comparison, holds: impl Fn(&Request, Phase, bool) -> bool) -> bool {
    let side = &comparison.sides[StackName::Modern];
    let ends = side.outcome.requests.iter().zip(&side.model.truths);
    script.requests().zip(ends).any(|(request, (outcome, truth))| {
        let was_written = truth.because.clause != Clause::NewStream || truth.because.frame.is_some();
        outcome.end == OutcomeEnd::Cancelled && holds(request, outcome.phase, was_written)
    })
}

fn sets(frame: &Frame, setting: SettingId) -> bool {
    matches!(frame.view(), View::Settings(settings) if settings.iter().any(|(id, _)| *id == setting))
}

/// Whether the application got a response for which this holds: of the size of its content, the size of its fields, and
/// whether it is whole.
fn handed_over(comparison: &Comparison, holds: impl Fn(usize, usize, bool) -> bool) -> bool {
    comparison.sides[StackName::Modern].outcome.requests.iter().any(|request| {
        let fields = request.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        holds(request.body.len(), fields, request.end == OutcomeEnd::Complete)
    })
}

/// The number of requests that were written.
fn written(comparison: &Comparison) -> usize {
    comparison.sides[StackName::Modern].observation.record.requests.len()
}
