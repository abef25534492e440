//! The part of the suite that plays scenarios to clients that others wrote.

use super::violations;
use crate::{
    classifiers::{Both, Processed, Reader},
    oracles::{Violation, subject},
    report::{
        VERSION_AWS_SMITHY_HTTP_CLIENT,
        subjects::{Ended, SubjectReport, SubjectRequest, SubjectScenario, Wrong},
    },
    rfc9113::{Certainty, Model},
    scenario::Scenario,
    stacks::{End, Profile},
    subjects::{Played, SUBJECTS, Stage, StageError, Subject},
    trial::Laboratory,
};

/// Plays scenarios to every subject.
///
/// # Errors
///
/// If a client cannot be made, or there is no runtime or socket to be had.
pub fn play_subjects(scenarios: &[Scenario]) -> Result<Vec<SubjectReport>, StageError> {
    let laboratory = Laboratory::with(Profile::Defaults, crate::classifiers::Classifiers::OWN);
    // What the bare stacks do wrong with the settings that they come with, as the subjects run them.
    let bare: Vec<Vec<Violation>> =
        scenarios.iter().map(|scenario| violations(&laboratory.run(&scenario.script))).collect();
    let report = |subject: &dyn Subject| {
        let scenarios = scenarios.iter().zip(&bare).map(|(scenario, bare)| play(subject, scenario, bare));
        Ok(SubjectReport {
            name: subject.name(),
            about: subject.about(),
            version: VERSION_AWS_SMITHY_HTTP_CLIENT,
            retries: subject.retries(),
            scenarios: scenarios.collect::<Result<_, _>>()?,
        })
    };
    SUBJECTS.iter().map(|subject| report(*subject)).collect()
}

fn play(subject: &dyn Subject, scenario: &Scenario, bare: &[Violation]) -> Result<SubjectScenario, StageError> {
    let played = Stage.play(subject, &scenario.script)?;
    let model = Model::of(&scenario.script, &played.observation.record);
    let wrong = subject::judge(subject, &scenario.script, &played);
    let of_its_stack = |wrong: &Violation| {
        bare.iter().any(|bare| bare.law == wrong.law && bare.stack == wrong.stack && bare.request == wrong.request)
    };
    let wrong = wrong.into_iter().map(|wrong| Wrong {
        of_its_stack: of_its_stack(&wrong),
        law: wrong.law,
        request: wrong.request.unwrap_or_default(),
        message: wrong.message,
    });
    Ok(SubjectScenario {
        name: scenario.name.clone(),
        unplayable: played.unplayable.len(),
        connections: played.connections,
        requests: (0..played.requests.len()).map(|number| request(&played, &model, number)).collect(),
        wrong: wrong.collect(),
    })
}

fn request(played: &Played, model: &Model, number: usize) -> SubjectRequest {
    let (of_it, seen, truth) = (&played.requests[number], &played.observation.requests[number], &model.truths[number]);
    let cut = of_it.attempts() <= 1 && of_it.on_later == 0 && truth.complete == Certainty::No;
    let (ended, chain) = match &seen.end {
        End::Open => (Ended::Open, None),
        End::Complete if cut => (Ended::Truncated, None),
        End::Complete => (Ended::Response, None),
        End::Failed(_, error) => {
            let ended = if of_it.word.is_none() { Ended::BodyError } else { Ended::Error };
            (ended, Some(Both.read(error.as_ref().as_ref()).to_string()))
        }
    };
    SubjectRequest {
        ended,
        word: of_it.word.as_ref().map(|word| word.text.clone()),
        chain,
        status: seen.head.as_ref().map(|head| head.status),
        on_first_connection: of_it.on_first,
        on_later_connections: of_it.on_later,
        took_ms: of_it.took.map(|took| took.as_millis() as u64),
        may_have_run_twice: played.may_have_run_twice(number, &truth.processed as &[Processed]),
    }
}
