//! Content that the application hands over in steps, or that trailers follow: a channel, which ends the content when its
//! sender is dropped.

use super::sent::digits;
use conformance::{
    http2::hpack::Field,
    script::{Body, BodyEnd, Request, Script, Step},
    vocabulary::StackName,
};
use std::collections::BTreeMap;

/// How a program hands over the content of requests.
pub(super) struct Fed {
    stack: StackName,
    /// Whether a request has trailers.
    has_trailers: bool,
    /// The requests that a step is about.
    fed: Vec<usize>,
    /// What they are fed before they are issued: so many bytes, and perhaps the end.
    early: BTreeMap<usize, (u32, bool)>,
    /// The requests whose content has not ended, with their trailers.
    open: BTreeMap<usize, Vec<Field>>,
}

impl Fed {
    /// The content of the requests of a script, if a step hands over some of it or a request has trailers.
    pub(super) fn of(script: &Script, stack: StackName) -> Option<Fed> {
        let has_trailers = script.requests().any(|request| !request.trailers().is_empty());
        let fed = script.steps().iter().filter_map(|step| match step {
            Step::Feed { request, .. } => Some(*request as usize),
            _ => None,
        });
        let fed: Vec<usize> = fed.collect();
        (has_trailers || !fed.is_empty()).then_some(Fed {
            stack,
            has_trailers,
            fed,
            early: BTreeMap::new(),
            open: BTreeMap::new(),
        })
    }

    /// The statements before a request is issued, and the expression of its content.
    pub(super) fn begins(&mut self, number: usize, request: &Request) -> (Vec<String>, String) {
        let (bytes, end) = self.early.remove(&number).unwrap_or_default();
        let (body, trailers) = (request.body().fed(bytes, end), request.trailers());
        if body == Body::EMPTY && trailers.is_empty() {
            return (Vec::new(), self.value("unbounded_channel().1", trailers));
        }
        let stays = body.end() == BodyEnd::Never;
        let is_used = !stays || body.size() > 0 || self.fed.contains(&number);
        let sender = format!("{}feed{number}", if is_used { "" } else { "_" });
        let mut lines = vec![format!("let ({sender}, content) = unbounded_channel();")];
        if self.stack == StackName::Legacy {
            lines.extend(map(trailers));
        }
        lines.extend(self.piece(number, body.size()));
        match body.end() {
            BodyEnd::Never => {
                self.open.insert(number, trailers.to_vec());
            }
            BodyEnd::Complete => lines.extend(self.end(number, trailers)),
            BodyEnd::Fails => {
                lines.push(format!("let _ = feed{number}.send(Err(io::Error::other(\"the content fails\")));"));
                lines.push(format!("drop(feed{number});"));
            }
        }
        (lines, self.value("content", trailers))
    }

    /// The statements that hand over more of the content of a request, and perhaps its end.
    pub(super) fn goes_on(&mut self, number: usize, bytes: u32, end: bool) -> Vec<String> {
        if !self.open.contains_key(&number) {
            let early = self.early.entry(number).or_default();
            *early = (early.0 + if early.1 { 0 } else { bytes }, early.1 || end);
            return Vec::new();
        }
        let piece = self.piece(number, bytes);
        let end = if end { self.open.remove(&number) } else { None };
        let end = end.map(|trailers| self.end(number, &trailers)).unwrap_or_default();
        piece.into_iter().chain(end).collect()
    }

    fn piece(&self, number: usize, bytes: u32) -> Option<String> {
        let bytes = (bytes > 0).then(|| format!("\".\".repeat({}).into()", digits(bytes)))?;
        let piece = if self.stack == StackName::Modern { format!("Frame::data({bytes})") } else { bytes };
        Some(format!("let _ = feed{number}.send(Ok({piece}));"))
    }

    /// The statements that end the content.
    fn end(&self, number: usize, trailers: &[Field]) -> Vec<String> {
        let mut lines = Vec::new();
        if self.stack == StackName::Modern && !trailers.is_empty() {
            lines = map(trailers);
            lines.push(format!("let _ = feed{number}.send(Ok(Frame::trailers(trailers)));"));
        }
        lines.push(format!("drop(feed{number}); // the end of the content"));
        lines
    }

    fn value(&self, receiver: &str, trailers: &[Field]) -> String {
        match (self.stack, self.has_trailers) {
            (StackName::Legacy, true) if trailers.is_empty() => format!("Content({receiver}, None)"),
            (StackName::Legacy, true) => format!("Content({receiver}, Some(trailers))"),
            _ => format!("Content({receiver})"),
        }
    }

    /// The type of the content.
    pub(super) fn own(&self) -> String {
        let template = match self.stack {
            StackName::Legacy => include_str!("templates/fed_legacy.in"),
            StackName::Modern => include_str!("templates/fed_modern.in"),
        };
        let [field, taken, is_none] = match self.has_trailers {
            true => [", Option<HeaderMap>", "self.1.take()", " && self.1.is_none()"],
            false => ["", "None", ""],
        };
        let own = template.replace("$FIELD", field).replace("$TAKEN", taken).replace("$ISNONE", is_none);
        own.replace("$SELF", if self.has_trailers { "mut self" } else { "self" })
    }
}

/// The statements that make trailers; none if there are none.
fn map(trailers: &[Field]) -> Vec<String> {
    let first = (!trailers.is_empty()).then(|| "let mut trailers = HeaderMap::new();".to_owned());
    let append = |(name, value): &Field| format!("trailers.append({name:?}, HeaderValue::from_static({value:?}));");
    first.into_iter().chain(trailers.iter().map(append)).collect()
}
