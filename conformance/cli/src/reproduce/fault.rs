//! What shows a fault: a line that has to be among those that a program says, or that must not be.

use super::check::Check;
use conformance::{
    http2::{Frame, FrameType, View},
    judge::Judgement,
    ledger::{Judged, Right},
    oracles::{Law, Violation},
    outcome::Side,
    peer::{Event, Record},
    rfc9113::{Breach, Certainty, Clause},
    servers::ServerSide,
    stacks::End,
    vocabulary::{PerStack, StackName},
};

/// A line that a program says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    about: About,
    /// The part that tells one kind of result from another.
    kind: String,
    detail: String,
}

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// How the request with this number ended.
    End(usize, Ended),
    /// The head of the response to the request with this number, with the hints of its body as the detail.
    Head(usize),
    /// A frame of this type that the stack sent.
    Frame(FrameType),
    /// The end of a server's connection.
    Connection,
    /// A panic.
    Panic,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Open,
    Complete,
    Failed,
}

impl About {
    fn request(self) -> Option<usize> {
        match self {
            About::End(request, _) | About::Head(request) => Some(request),
            About::Frame(_) | About::Connection | About::Panic => None,
        }
    }

    /// Whether it is a frame that the stack sent.
    pub(super) fn is_frame(self) -> bool {
        matches!(self, About::Frame(_))
    }
}

impl Line {
    fn new(about: About, kind: String, detail: String) -> Line {
        Line { about, kind, detail }
    }

    pub(super) fn about(&self) -> About {
        self.about
    }

    pub(super) fn whole(&self) -> String {
        format!("{}{}", self.kind, self.detail)
    }

    /// Whether a request did not end.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.about, About::End(_, Ended::Open))
    }

    /// The line without the hints of a body.
    pub(super) fn without_hint(&self) -> String {
        if matches!(self.about, About::Head(_)) { self.kind.clone() } else { self.whole() }
    }

    /// The shortest beginning that none of these lines has too.
    fn told_from(&self, others: &[Line]) -> String {
        match others.iter().any(|other| other.kind == self.kind) {
            true => self.whole(),
            false => self.kind.clone(),
        }
    }
}

/// The lines that a program says of one stack, the most telling ones first.
pub(super) type Lines = Vec<Line>;

/// A fault of a stack, or what is right.
pub(super) struct Fault {
    /// The stack that shows it.
    pub(super) stack: StackName,
    /// How a program finds it.
    pub(super) check: Check,
    /// The rule that it breaks, if no ledger entry has it.
    pub(super) clause: Option<Clause>,
    /// What is wrong, in the words of the broken law; empty if nothing is.
    pub(super) message: String,
    /// The lines of each stack.
    pub(super) lines: PerStack<Lines>,
}

impl Fault {
    /// Whether anything is wrong on either stack.
    pub(super) fn is_fault(&self) -> bool {
        matches!(self.check, Check::Line { .. })
    }
}

/// A side as the programs show it.
pub(super) trait Shown {
    /// Who it is to its peer.
    const ROLE: &'static str;

    /// The lines that a program says.
    fn lines(&self) -> Lines;

    /// Its breaches of the rules.
    fn breaches(&self) -> &[Breach];

    /// The clause by which a request should have ended, and whether its whole response arrived.
    fn truth(&self, request: usize) -> (Option<Clause>, bool);

    /// Whether the connection was made.
    fn is_connected(&self) -> bool;

    /// What crossed the transport.
    fn record(&self) -> &Record;

    /// The frames that it wrote.
    fn frames(&self) -> Vec<Frame> {
        self.record().client_frames().collect()
    }

    /// The line of a frame that it wrote.
    fn line(frame: &Frame) -> Option<Line> {
        let role = Self::ROLE;
        Some(match frame.view() {
            View::Headers(_) => Line::new(
                About::Frame(frame.kind),
                format!("the {role} sent HEADERS on stream {}", frame.stream),
                format!(", first octet {:#04x}", frame.payload.first()?),
            ),
            View::RstStream(code) => {
                let kind = format!("the {role} sent RST_STREAM on stream {}", frame.stream);
                Line::new(About::Frame(frame.kind), kind, format!(": {code}"))
            }
            View::GoAway { code, .. } => {
                Line::new(About::Frame(frame.kind), format!("the {role} sent GOAWAY"), format!(": {code}"))
            }
            _ => return None,
        })
    }
}

impl Shown for Side {
    const ROLE: &'static str = "client";

    fn lines(&self) -> Lines {
        let requests = || self.observation.requests.iter().enumerate();
        let ends = requests().filter_map(|(number, request)| {
            let (ended, kind, detail) = match &request.end {
                // The application is told nothing.
                End::Cancelled => return None,
                // It was never issued.
                End::Open if !self.observation.record.events.contains(&Event::Issued(number)) => return None,
                End::Open => (Ended::Open, "open", String::new()),
                End::Complete => {
                    (Ended::Complete, "complete", format!(" with {} bytes of content", request.body.len()))
                }
                End::Failed(_, error) => (Ended::Failed, "failed", format!(": {error:?}")),
            };
            Some(Line::new(About::End(number, ended), format!("request {number}: {kind}"), detail))
        });
        let heads = requests().filter_map(|(number, request)| {
            let head = request.head.as_ref()?;
            let hint = head.hint?;
            let (is_end, lower, upper) = (hint.is_end_stream, hint.lower, hint.upper);
            let hint = format!(", is_end_stream {is_end}, SizeHint {{ lower: {lower}, upper: {upper:?} }}");
            Some(Line::new(About::Head(number), format!("request {number}: response {}", head.status), hint))
        });
        let frames = self.frames();
        ends.chain(heads)
            .chain(frames.iter().filter_map(Side::line))
            .chain(panicked(&self.observation.panics))
            .collect()
    }

    fn breaches(&self) -> &[Breach] {
        &self.model.breaches
    }

    fn truth(&self, request: usize) -> (Option<Clause>, bool) {
        let Some(truth) = self.model.truths.get(request) else { return (None, false) };
        (truth.ended_by.map(|ground| ground.clause), truth.complete != Certainty::No)
    }

    fn is_connected(&self) -> bool {
        !matches!(self.observation.connection, End::Failed(..))
    }

    fn record(&self) -> &Record {
        &self.observation.record
    }
}

impl Shown for ServerSide {
    const ROLE: &'static str = "server";

    fn lines(&self) -> Lines {
        let (frames, mut lines) = (self.frames(), Vec::new());
        // A reset or the end of the connection tells more than a response.
        let (heads, ends): (Vec<_>, Vec<_>) = frames.iter().partition(|frame| frame.kind == FrameType::HEADERS);
        lines.extend(ends.into_iter().chain(heads).filter_map(ServerSide::line));
        let ended = match &self.observation.connection {
            End::Open | End::Cancelled => None,
            End::Complete => Some("Ok(())".to_owned()),
            End::Failed(_, error) => Some(format!("Err({error:?})")),
        };
        let line = |ended| Line::new(About::Connection, "the connection ended".into(), format!(": {ended}"));
        lines.extend(ended.map(line));
        lines.extend(panicked(&self.observation.panics));
        lines
    }

    fn breaches(&self) -> &[Breach] {
        ServerSide::breaches(self)
    }

    fn truth(&self, _: usize) -> (Option<Clause>, bool) {
        (None, false)
    }

    fn is_connected(&self) -> bool {
        true
    }

    fn record(&self) -> &Record {
        &self.observation.record
    }
}

fn panicked(panics: &[String]) -> Option<Line> {
    let first = panics.first()?;
    Some(Line::new(About::Panic, "a task panicked".into(), format!(": {first}")))
}

/// The fault that a judgement shows: that of the side that is not right, or the first broken law. With `request`, that of
/// this request if it has one.
pub(super) fn find<S: Judged + Shown>(
    judgement: &Judgement<S>,
    right: Option<Right>,
    request: Option<usize>,
) -> Option<Fault> {
    let sides = &judgement.comparison.sides;
    let lines = sides.map(S::lines);
    let violations = &judgement.violations;
    let first = violations.first()?;
    let of = |stack: StackName| violations.iter().filter(move |violation| violation.stack == Some(stack));
    let stack = match right {
        Some(Right::Legacy) => StackName::Modern,
        Some(Right::Modern) => StackName::Legacy,
        // The side on which something fails that goes well on the other.
        Some(Right::Both) => worse(&lines),
        _ if of(StackName::Modern).next().is_some() || of(StackName::Legacy).next().is_none() => StackName::Modern,
        _ => StackName::Legacy,
    };
    let is_against_the_other = matches!(right, Some(Right::Legacy | Right::Modern | Right::Both));
    let by_the_other = is_against_the_other.then(|| against(&lines[stack], &lines[stack.other()], request)).flatten();
    if let Some(check) = by_the_other {
        let own = of(stack).find(|violation| violation.law != Law::Expectation);
        let message = own.unwrap_or(first).message.clone();
        return Some(Fault { stack, check, clause: None, message, lines });
    }
    let matching = |violation: &&Violation| request.is_none() || violation.request == request;
    let candidates = of(stack).filter(matching).chain(of(stack)).chain(violations.iter().filter(|v| v.stack.is_none()));
    candidates.into_iter().find_map(|violation| {
        let (check, clause) = by_law(&sides[stack], violation, &lines[stack])
            .or_else(|| Some((against(&lines[stack], &lines[stack.other()], request)?, None)))?;
        let message = violation.message.clone();
        check.is_faulty(&lines[stack]).then(|| Fault { stack, check, clause, message, lines: lines.clone() })
    })
}

/// What a stack shows of a case in which no law is broken. With `is_pool`, its pool plays the case, which may send a
/// request again: each has to end.
pub(super) fn none<S: Judged + Shown>(judgement: &Judgement<S>, stack: StackName, is_pool: bool) -> Option<Fault> {
    /// The most lines that a program expects.
    const MOST: usize = 4;
    if !judgement.violations.is_empty() {
        return None;
    }
    let side = &judgement.comparison.sides[stack];
    let lines = judgement.comparison.sides.map(S::lines);
    let (frames, others): (Vec<&Line>, Vec<_>) = lines[stack].iter().partition(|line| line.about.is_frame());
    let ends = others.into_iter().filter(|line| !matches!(line.about, About::Head(_))).collect::<Vec<_>>();
    let is_of_frames = ends.is_empty();
    let expected = if is_of_frames { frames } else { ends };
    let check = match is_pool {
        true => Check::Ends,
        false => Check::All { lines: expected.iter().take(MOST).map(|line| line.whole()).collect(), is_of_frames },
    };
    let requests = lines[stack].iter().filter_map(|line| line.about.request());
    let clause = requests.filter_map(|request| side.truth(request).0).next();
    let is_nothing = matches!(&check, Check::All { lines, .. } if lines.is_empty());
    (!is_nothing).then_some(Fault { stack, check, clause, message: String::new(), lines })
}

/// The side with more that failed or stays open; modern if they have as much.
fn worse(lines: &PerStack<Lines>) -> StackName {
    let bad = |line: &&Line| match line.about {
        About::End(_, ended) => ended != Ended::Complete,
        about => about == About::Frame(FrameType::GOAWAY),
    };
    let count = |stack: StackName| lines[stack].iter().filter(bad).count();
    if count(StackName::Legacy) > count(StackName::Modern) { StackName::Legacy } else { StackName::Modern }
}

/// What the other side says, and this one does not; or the other way round.
fn against(own: &[Line], other: &[Line], request: Option<usize>) -> Option<Check> {
    let of_request = |line: &&Line| request.is_none() || line.about.request() == request;
    let missing = other.iter().filter(|line| !own.contains(line));
    let expected = missing.clone().find(of_request).or_else(|| missing.clone().next());
    if let Some(expected) = expected {
        return Some(Check::missing(expected.about, expected.told_from(own)));
    }
    let Some(extra) = own.iter().find(|line| !other.contains(line)) else { return in_another_order(own, other) };
    let fault = extra.told_from(other);
    Some(Check::seen(extra, fault.clone(), format!("not `{fault}`")))
}

/// A frame that this side sends before one that the other sends first.
fn in_another_order(own: &[Line], other: &[Line]) -> Option<Check> {
    let at = |line: &Line| other.iter().position(|of_other| of_other == line);
    let frames = || own.iter().enumerate().filter(|(_, line)| line.about.is_frame());
    let later = |index: usize, line: &Line| {
        frames().filter(|(later, _)| *later > index).map(|(_, later)| later).find(|later| at(later) < at(line))
    };
    let (line, first) = frames().find_map(|(index, line)| Some((line, later(index, line)?)))?;
    let should = format!("`{}`, and then `{}`", first.whole(), line.whole());
    let (begins, first) = (line.whole(), Some(first.whole()));
    Some(Check::Line { about: line.about, begins, should: Some(should), first })
}

/// The line that breaks a law, and the rule.
fn by_law<S: Shown>(side: &S, violation: &Violation, lines: &[Line]) -> Option<(Check, Option<Clause>)> {
    if let Some(request) = violation.request {
        let (clause, is_whole) = side.truth(request);
        let of = |about| lines.iter().find(|line| line.about == about);
        let ended = |ended| of(About::End(request, ended));
        let instead = |should: &str| format!("request {request}: {should}");
        let whole = |line: &Line, should| Some((Check::seen(line, line.whole(), instead(should)), clause));
        return match violation.law {
            Law::Integrity if is_whole || ended(Ended::Complete).is_none() => {
                whole(of(About::Head(request))?, "a response with the right `is_end_stream` and `size_hint`")
            }
            law => match (ended(Ended::Open), ended(Ended::Complete)) {
                (Some(open), _) => whole(open, "it ends"),
                (None, Some(complete)) => {
                    let should = instead("an error, as the response is not complete");
                    Some((Check::seen(complete, complete.kind.clone(), should), clause))
                }
                (None, None) => whole(
                    ended(Ended::Failed)?,
                    match law {
                        Law::Liveness => "complete",
                        Law::Safety => "an error that leaves open whether it was processed",
                        Law::Completeness => "an error that says it was never written",
                        _ => "an error that says what the peer did",
                    },
                ),
            },
        };
    }
    if let Some(line) = lines.iter().find(|line| line.about == About::Panic) {
        return Some((Check::seen(line, line.kind.clone(), "no panic".into()), None));
    }
    let breach = side.breaches().iter().find(|breach| breach.step == violation.step)?;
    // What is due, and what has no frame of its own, is the end of the connection.
    let line = breach.frame.and_then(|frame| S::line(side.frames().get(frame)?));
    let check = match line {
        None => {
            let begins = format!("the {} sent GOAWAY", S::ROLE);
            Check::missing(About::Frame(FrameType::GOAWAY), begins)
        }
        Some(line) => Check::seen(&line, line.whole(), format!("not `{}`", line.whole())),
    };
    Some((check, Some(breach.clause)))
}
