//! Law 5, integrity: what is handed over is what was sent.
//!
//! A response that was cut is handed over as a prefix and then an error, never as complete. Nor is one that is malformed
//! (§8.1.1), or that arrives on a connection that an earlier frame has ended. Nothing is added, lost, merged, reordered
//! or taken from another stream.

use crate::{
    http2::hpack::Field,
    outcome::{OutcomeEnd, RequestOutcome},
    rfc9113::{Certainty, SentResponse, Truth},
    stacks::BodyHint,
};
use std::collections::BTreeMap;

/// What is wrong with a response that is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// It is handed over as complete, but was cut short.
    Cut,
    /// It lacks its trailers.
    NoTrailers,
    /// Its `is_end_stream` or its `size_hint`.
    Hint,
    /// Anything else.
    Other,
}

/// The fault in a response that is handed over as complete but was cut short.
pub(super) const AS_COMPLETE: &str = "its response is handed over as complete, but is not";

/// Judges the end of a request, and what its application was handed, by the model's truth.
pub(super) fn of_request(outcome: &RequestOutcome, truth: &Truth) -> Option<String> {
    wrong(outcome, truth).map(|(_, message)| message)
}

/// The same, with what is wrong.
pub(super) fn wrong(outcome: &RequestOutcome, truth: &Truth) -> Option<(Wrong, String)> {
    let complete = outcome.end == OutcomeEnd::Complete;
    if complete && truth.complete == Certainty::No {
        let message = match truth.ended_by {
            Some(ground) => format!("{AS_COMPLETE}: {} ({}) ended it before", ground.what(), ground.clause),
            None => format!("{AS_COMPLETE}: no frame has ended it (§8.1)"),
        };
        return Some((Wrong::Cut, message));
    }
    if truth.response.is_unread {
        return None;
    }
    // Where the RFC leaves open what a client does with the response, it may drop the rest.
    let whole = complete && truth.complete == Certainty::Yes;
    let other = |message| (Wrong::Other, message);
    wrong_head(outcome, truth)
        .map(other)
        .or_else(|| wrong_content(&outcome.body, &truth.response, whole))
        .or_else(|| wrong_trailers(outcome.trailers.as_deref(), &truth.response, whole))
        .or_else(|| Some((Wrong::Hint, wrong_hint(outcome.hint?, outcome, truth)?)))
}

fn wrong_head(outcome: &RequestOutcome, truth: &Truth) -> Option<String> {
    let status = outcome.status?;
    let Some(head) = &truth.response.head else {
        let why = match truth.ended_by {
            Some(ground) => format!("{} ({}) ended the request before one came", ground.what(), ground.clause),
            None => "none was sent (§8.1)".into(),
        };
        return Some(format!("a head with status {status} is handed over, but {why}"));
    };
    if status != head.status {
        return Some(format!("the status {status} is handed over, but {} was sent", head.status));
    }
    wrong_fields("head", &outcome.headers, &head.fields)
}

fn wrong_trailers(handed: Option<&[Field]>, sent: &SentResponse, whole: bool) -> Option<(Wrong, String)> {
    match (handed, &sent.trailers) {
        (Some(handed), Some(sent)) => Some((Wrong::Other, wrong_fields("trailers", handed, sent)?)),
        (Some(_), None) => Some((Wrong::Other, "trailers are handed over, but none were sent (§8.1)".into())),
        (None, Some(sent)) if whole && !sent.is_empty() => {
            let message = "its response is handed over as complete, but without its trailers (§8.1)";
            Some((Wrong::NoTrailers, message.into()))
        }
        (None, _) => None,
    }
}

/// Judges field lines. A client may change the order of fields with different names, and join those of one name:
/// "The order in which field lines with differing field names are received in a section is not significant", and "A
/// recipient MAY combine multiple field lines within a field section that have the same field name into one field line"
/// (RFC 9110 §5.3); cookies are joined with "; " (RFC 9113 §8.2.3).
fn wrong_fields(part: &str, handed: &[Field], sent: &[Field]) -> Option<String> {
    if handed == sent {
        return None;
    }
    let (handed, sent) = (by_name(handed), by_name(sent));
    // Equal lengths may be replaced with one of them (RFC 9110 §8.6).
    let same_lengths = |one: &str, other: &str| {
        let mut lengths = one.split(',').chain(other.split(',')).map(str::trim);
        let first = lengths.next();
        lengths.all(|length| Some(length) == first)
    };
    let differs = |name: &&&str| match (handed.get(**name), sent.get(**name)) {
        (Some(handed), Some(sent)) if **name == "content-length" => !same_lengths(handed, sent),
        (handed, sent) => handed != sent,
    };
    let name = handed.keys().chain(sent.keys()).find(differs)?;
    let value = |fields: &BTreeMap<&str, String>| fields.get(name).map_or("none".into(), |value| format!("{value:?}"));
    Some(format!("the field {name} of its {part} is {}, but {} was sent", value(&handed), value(&sent)))
}

/// The values of each name, joined.
fn by_name(fields: &[Field]) -> BTreeMap<&str, String> {
    let mut values: BTreeMap<&str, String> = BTreeMap::new();
    for (name, value) in fields {
        let between = if name == "cookie" { "; " } else { ", " };
        values.entry(name).and_modify(|joined| *joined += &[between, value].concat()).or_insert_with(|| value.clone());
    }
    values
}

fn wrong_content(handed: &[u8], sent: &SentResponse, whole: bool) -> Option<(Wrong, String)> {
    let mut rest = handed;
    for piece in sent.content.iter().chain([&sent.begun]) {
        let length = rest.len().min(piece.len());
        let (here, after) = rest.split_at(length);
        if here != &piece[..length] {
            let same = here.iter().zip(&piece[..]).take_while(|(handed, sent)| handed == sent).count();
            let at = handed.len() - rest.len() + same;
            let message = format!("byte {at} of the content that is handed over is not the one that was sent (§6.1)");
            return Some((Wrong::Other, message));
        }
        rest = after;
    }
    let length = sent.length();
    match (rest.is_empty(), whole && handed.len() < length) {
        (false, _) => {
            let message = format!("{} bytes of content are handed over, but {length} were sent", handed.len());
            Some((Wrong::Other, message))
        }
        (_, true) => {
            let handed = handed.len();
            let message = format!(
                "its response is handed over as complete with {handed} bytes of content, but {length} were sent"
            );
            Some((Wrong::Cut, message))
        }
        _ => None,
    }
}

/// Judges what a body said about itself: `is_end_stream` and `size_hint` of the crate http-body promise it.
fn wrong_hint(hint: BodyHint, outcome: &RequestOutcome, truth: &Truth) -> Option<String> {
    let (length, complete) = (outcome.body.len() as u64, outcome.end == OutcomeEnd::Complete);
    // While an application waits before it reads, a fault may follow the end.
    let failed = matches!(outcome.end, OutcomeEnd::Failed(..)) && truth.wanted.is_none();
    if hint.is_end_stream && (length > 0 || outcome.trailers.is_some() || failed) {
        return Some("the body says is_end_stream, but more comes".into());
    }
    let exceeded = hint.upper.is_some_and(|upper| length > upper);
    if exceeded || (complete && length < hint.lower) {
        let BodyHint { lower, upper, .. } = hint;
        let upper = upper.map_or("any number of".into(), |upper| upper.to_string());
        return Some(format!("size_hint says {lower} to {upper} bytes, but {length} come"));
    }
    let unknown =
        truth.response.announced.filter(|announced| (hint.lower, hint.upper) != (*announced, Some(*announced)))?;
    Some(format!("the head announces {unknown} bytes of content, but size_hint does not say so"))
}
