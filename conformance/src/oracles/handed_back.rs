//! What law 3 and law 4 say of a request that comes back to its application, as a connection pool needs it to send it
//! again.
//!
//! hyper 1 promises it in the documentation of `SendRequest::try_send_request`: "If there was an error before trying to
//! serialize the request to the connection, the message will be returned as part of this error." An error with
//! `is_canceled` is the one for that, and has to mean the same for those who see the error alone.

use super::{Law, Violation};
use crate::{
    comparison::Comparison,
    outcome::{RequestOutcome, Side},
    vocabulary::Phase,
};

pub(super) fn judge(comparison: &Comparison, law: Law) -> impl Iterator<Item = Violation> {
    comparison.sides.each().into_iter().flat_map(move |side| of_side(side, law))
}

fn of_side(side: &Side, law: Law) -> impl Iterator<Item = Violation> {
    let requests = side.observation.requests.iter().zip(&side.outcome.requests).enumerate();
    requests.filter_map(move |(number, (seen, outcome))| {
        let message = match (law, seen.handed_back?) {
            (Law::Safety, true) if outcome.written => "it is handed back to be sent again, but its HEADERS were sent",
            (Law::Completeness, false) if is_canceled(outcome) => {
                "its error says that it was never sent, but it is not handed back"
            }
            _ => return None,
        };
        Some(Violation::new(law, Some(side.stack), Some(number), message))
    })
}

fn is_canceled(outcome: &RequestOutcome) -> bool {
    let hyper = outcome.chain().and_then(|chain| chain.hyper());
    outcome.phase == Phase::Head && hyper.is_some_and(|hyper| hyper.canceled)
}
