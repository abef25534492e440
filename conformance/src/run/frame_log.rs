//! Plays what a log of frames tells.

use crate::{
    classifiers::OWN_CLASSIFIERS,
    comparison::Harness,
    frame_logs::{FrameLog, LoggedConnection},
    judge::judge,
    report::{
        SCHEMA, TruthReport,
        frame_log::{FrameLogCase, LoggedCase},
    },
    rfc9113::Model,
    stacks::{Profile, panics::record_stack_panics},
};

/// The maximum number of steps of a connection that is played. Nobody reads more, and the answer does not need it.
const MOST_STEPS: usize = 5_000;

/// Plays the connections of a log to both stacks, and judges them.
pub fn judge_frame_log(log: FrameLog, profile: Profile) -> FrameLogCase {
    record_stack_panics();
    let harness = Harness::with(profile, OWN_CLASSIFIERS);
    let connection = |(connection, number): (LoggedConnection, usize)| {
        let LoggedConnection { streams, script, record } = connection;
        let model = Model::of(&script, &record);
        let requests = (0..streams.len()).map(|number| TruthReport::new(&model, &record, number)).collect();
        let streams = streams.into_iter().map(|stream| stream.get()).collect();
        let case = (script.steps().len() <= MOST_STEPS)
            .then(|| judge(&harness, &script).into_case(&format!("connection-{number}"), &script));
        LoggedCase { streams, requests, case }
    };
    FrameLogCase {
        schema: SCHEMA,
        source: log.source,
        missing: log.missing.into_iter().collect(),
        connections: log.connections.into_iter().zip(1..).map(connection).collect(),
    }
}
