//! What shows a fault: a line that has to be among those that a program says, or that must not be.

use conformance::{
    http2::{Frame, FrameType, View},
    judge::Judgement,
    ledger::{Judged, Right},
    oracles::{Law, Violation},
    outcome::Side,
    peer::Record,
    rfc9113::{Breach, Certainty, Clause},
    servers::ServerSide,
    stacks::End,
    vocabulary::{PerStack, StackName},
};

/// A line that a program says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// The part that tells one kind of result from another.
    kind: String,
    detail: String,
}

impl Line {
    fn new(kind: String, detail: String) -> Line {
        Line { kind, detail }
    }

    pub(super) fn whole(&self) -> String {
        format!("{}{}", self.kind, self.detail)
    }

    /// Whether a request did not end.
    pub(super) fn is_open(&self) -> bool {
        self.kind.ends_with(": open")
    }

    /// The line without what a body says of itself.
    pub(super) fn without_hint(&self) -> String {
        if self.kind.contains(": response ") { self.kind.clone() } else { self.whole() }
    }

    /// Whether it is of a frame that the stack sent.
    pub(super) fn is_of_frames(&self) -> bool {
        self.kind.starts_with("the ") && !self.kind.starts_with("the connection")
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

/// How a program finds out whether the fault is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// It is, unless a line begins like this.
    Missing(String),
    /// It is, if a line begins like the first text. The second says what should be there.
    Seen(String, String),
}

impl Check {
    /// Whether these lines show the fault.
    pub(super) fn is_faulty(&self, lines: &[Line]) -> bool {
        let begins = |text: &str| lines.iter().any(|line| line.whole().starts_with(text));
        match self {
            Check::Missing(expected) => !begins(expected),
            Check::Seen(fault, _) => begins(fault),
        }
    }

    /// Whether it looks at what a body says of itself.
    pub(super) fn is_of_hint(&self) -> bool {
        let (Check::Missing(line) | Check::Seen(line, _)) = self;
        line.contains(": response ")
    }

    /// Whether it looks at the frames that the stack sends.
    pub(super) fn is_of_frames(&self) -> bool {
        let (Check::Missing(line) | Check::Seen(line, _)) = self;
        line.starts_with("the ") && !line.starts_with("the connection")
    }
}

/// A fault of a stack.
pub(super) struct Fault {
    /// The stack that shows it.
    pub(super) stack: StackName,
    /// How a program finds it.
    pub(super) check: Check,
    /// The rule that it breaks, if no ledger entry has it.
    pub(super) clause: Option<Clause>,
    /// What is wrong, in the words of the broken law.
    pub(super) message: String,
    /// The lines of each stack.
    pub(super) lines: PerStack<Lines>,
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
                format!("the {role} sent HEADERS on stream {}", frame.stream),
                format!(", first octet {:#04x}", frame.payload.first()?),
            ),
            View::RstStream(code) => {
                Line::new(format!("the {role} sent RST_STREAM on stream {}", frame.stream), format!(": {code}"))
            }
            View::GoAway { code, .. } => Line::new(format!("the {role} sent GOAWAY"), format!(": {code}")),
            _ => return None,
        })
    }
}

impl Shown for Side {
    const ROLE: &'static str = "client";

    fn lines(&self) -> Lines {
        let requests = || self.observation.requests.iter().enumerate();
        let ends = requests().map(|(number, request)| match &request.end {
            End::Open | End::Cancelled => Line::new(format!("request {number}: open"), String::new()),
            End::Complete => Line::new(
                format!("request {number}: complete"),
                format!(" with {} bytes of content", request.body.len()),
            ),
            End::Failed(_, error) => Line::new(format!("request {number}: failed"), format!(": {error:?}")),
        });
        let heads = requests().filter_map(|(number, request)| {
            let head = request.head.as_ref()?;
            let hint = head.hint?;
            let (is_end, lower, upper) = (hint.is_end_stream, hint.lower, hint.upper);
            let hint = format!(", is_end_stream {is_end}, SizeHint {{ lower: {lower}, upper: {upper:?} }}");
            Some(Line::new(format!("request {number}: response {}", head.status), hint))
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
        lines.extend(ended.map(|ended| Line::new("the connection ended".into(), format!(": {ended}"))));
        lines.extend(panicked(&self.observation.panics));
        lines
    }

    fn breaches(&self) -> &[Breach] {
        ServerSide::breaches(self)
    }

    fn truth(&self, _: usize) -> (Option<Clause>, bool) {
        (None, false)
    }

    fn record(&self) -> &Record {
        &self.observation.record
    }
}

/// The line of a panic.
pub(super) const PANICKED: &str = "a task panicked";

fn panicked(panics: &[String]) -> Option<Line> {
    let first = panics.first()?;
    Some(Line::new(PANICKED.into(), format!(": {first}")))
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

/// The side with more that failed or stays open; modern if they have as much.
fn worse(lines: &PerStack<Lines>) -> StackName {
    let bad = |line: &&Line| {
        line.kind.ends_with(": failed") || line.kind.ends_with(": open") || line.kind.ends_with("GOAWAY")
    };
    let count = |stack: StackName| lines[stack].iter().filter(bad).count();
    if count(StackName::Legacy) > count(StackName::Modern) { StackName::Legacy } else { StackName::Modern }
}

/// What the other side says, and this one does not; or the other way round.
fn against(own: &[Line], other: &[Line], request: Option<usize>) -> Option<Check> {
    let begins = request.map(|request| format!("request {request}: "));
    let of_request = |line: &&Line| begins.as_ref().is_none_or(|begins| line.kind.starts_with(begins));
    let missing = other.iter().filter(|line| !own.contains(line));
    let expected = missing.clone().find(of_request).or_else(|| missing.clone().next());
    if let Some(expected) = expected {
        return Some(Check::Missing(expected.told_from(own)));
    }
    let extra = own.iter().find(|line| !other.contains(line))?;
    let fault = extra.told_from(other);
    Some(Check::Seen(fault.clone(), format!("not `{fault}`")))
}

/// The line that breaks a law, and the rule.
fn by_law<S: Shown>(side: &S, violation: &Violation, lines: &[Line]) -> Option<(Check, Option<Clause>)> {
    if let Some(request) = violation.request {
        let (clause, is_whole) = side.truth(request);
        let of = |kind: &str| lines.iter().find(|line| line.kind == format!("request {request}: {kind}"));
        let head = lines.iter().find(|line| line.kind.starts_with(&format!("request {request}: response")));
        let seen = |line: String, should: String| Some((Check::Seen(line, should), clause));
        return match violation.law {
            Law::Integrity if is_whole || of("complete").is_none() => {
                seen(head?.whole(), format!("request {request}: a response that says of itself what comes"))
            }
            _ if of("open").is_some() => seen(of("open")?.whole(), format!("request {request}: it ends")),
            _ if of("complete").is_some() => seen(
                of("complete")?.kind.clone(),
                format!("request {request}: an error, as the response is not complete"),
            ),
            Law::Liveness => seen(of("failed")?.whole(), format!("request {request}: complete")),
            Law::Safety => {
                let should = "an error that leaves open whether it was processed";
                seen(of("failed")?.whole(), format!("request {request}: {should}"))
            }
            Law::Completeness => {
                seen(of("failed")?.whole(), format!("request {request}: an error that says it was never written"))
            }
            _ => seen(of("failed")?.whole(), format!("request {request}: an error that says what the peer did")),
        };
    }
    if let Some(line) = lines.iter().find(|line| line.kind == PANICKED) {
        return Some((Check::Seen(line.kind.clone(), "no panic".into()), None));
    }
    let breach = side.breaches().iter().find(|breach| breach.step == violation.step)?;
    // What is due, and what has no frame of its own, is the end of the connection.
    let line = breach.frame.and_then(|frame| S::line(side.frames().get(frame)?));
    let check = match line {
        None => Check::Missing(format!("the {} sent GOAWAY", S::ROLE)),
        Some(line) => Check::Seen(line.whole(), format!("not `{}`", line.whole())),
    };
    Some((check, Some(breach.clause)))
}
