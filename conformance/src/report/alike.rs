//! What is alike is shown once: requests that ended alike, violations that say the same, and lines of an exchange that
//! repeat.

use super::{Case, RequestReport};
use crate::{oracles::Violation, vocabulary::StackName};

/// Up to this many requests, violations or repetitions each is shown by itself.
const FEW: usize = 8;

/// Requests that ended alike on both stacks.
pub struct Alike<'case> {
    /// Their numbers.
    pub numbers: Vec<usize>,
    /// The first of them, on both stacks.
    pub sides: [&'case RequestReport; 2],
}

/// The requests of a case in the order of their numbers. Of many, those that ended alike are one.
pub fn requests(case: &Case) -> Vec<Alike<'_>> {
    let [legacy, modern] = case.sides.each().map(|side| &side.requests);
    let mut all: Vec<(Alike<'_>, [RequestReport; 2])> = Vec::new();
    for (number, sides) in legacy.iter().zip(modern).map(|(legacy, modern)| [legacy, modern]).enumerate() {
        let but_streams = sides.map(without_its_stream);
        let expected = |number: usize| case.expected.get(number);
        let known = all.iter_mut().find(|(alike, known)| {
            legacy.len() > FEW && *known == but_streams && expected(alike.numbers[0]) == expected(number)
        });
        match known {
            Some((alike, _)) => alike.numbers.push(number),
            None => all.push((Alike { numbers: vec![number], sides }, but_streams)),
        }
    }
    all.into_iter().map(|(alike, _)| alike).collect()
}

impl Alike<'_> {
    /// Their numbers as text.
    pub fn name(&self) -> String {
        numbered(&self.numbers)
    }
}

/// A request without the number of its own stream, which is another for each.
fn without_its_stream(request: &RequestReport) -> RequestReport {
    let mut request = request.clone();
    if let Some(stream) = request.stream.take() {
        let own = format!("stream={stream}");
        let without = |text: &str| text.split(' ').filter(|word| *word != own).collect::<Vec<_>>().join(" ");
        request.truth.because = without(&request.truth.because);
        request.truth.ended_by = request.truth.ended_by.map(|by| without(&by));
    }
    request
}

/// Violations of one law, as text. Of many, those that differ in the request only are one.
pub fn violations(of_one_law: &[Violation]) -> Vec<String> {
    let mut all: Vec<(Vec<usize>, &Violation)> = Vec::new();
    for violation in of_one_law {
        let same = |known: &Violation| known.stack == violation.stack && known.message == violation.message;
        let known =
            all.iter_mut().find(|(numbers, known)| of_one_law.len() > FEW && !numbers.is_empty() && same(known));
        match (known, violation.request) {
            (Some((numbers, _)), Some(number)) => numbers.push(number),
            _ => all.push((violation.request.into_iter().collect(), violation)),
        }
    }
    let text = |(numbers, violation): &(Vec<usize>, &Violation)| match numbers.len() {
        0 | 1 => violation.to_string(),
        _ => {
            let stack = violation.stack.map_or_else(String::new, |stack| format!("{stack}: "));
            format!("{}: {}: {stack}{}", violation.law, numbered(numbers), violation.message)
        }
    };
    all.iter().map(text).collect()
}

/// Requests by their numbers, in a few words.
fn numbered(numbers: &[usize]) -> String {
    /// How many runs of numbers are shown.
    const SHOWN: usize = 6;
    let runs: Vec<_> = numbers.chunk_by(|one, next| one + 1 == *next).collect();
    let run = |run: &&[usize]| match run {
        [one] => one.to_string(),
        [first, .., last] => format!("{first} to {last}"),
        [] => String::new(),
    };
    let shown = runs.iter().take(SHOWN).map(run).collect::<Vec<_>>().join(", ");
    let more: usize = runs.iter().skip(SHOWN).map(|run| run.len()).sum();
    let noun = if numbers.len() == 1 { "request" } else { "requests" };
    if more == 0 { format!("{noun} {shown}") } else { format!("{noun} {shown} and {more} more") }
}

/// A line of an exchange, with the stack if only one has it.
pub type Line<'line> = (Option<StackName>, &'line str);

/// What is shown of an exchange.
pub enum Shown<'line> {
    /// A line.
    Line(Line<'line>),
    /// This many lines are left out: they are like those before them, with other streams and requests.
    LeftOut(usize),
}

/// The lines of an exchange. Of lines that repeat many times with other streams and requests, the first and the last
/// repetition are shown.
pub fn exchange<'line>(lines: Vec<Line<'line>>) -> Vec<Shown<'line>> {
    /// How many lines may repeat together.
    const TOGETHER: usize = 4;
    let shapes: Vec<_> = lines.iter().map(|(stack, line)| (*stack, shape(line))).collect();
    let repeats = |at: usize, together: usize| {
        let first = shapes.get(at..at + together)?;
        let all = shapes[at..].chunks_exact(together).take_while(|part| *part == first).count();
        Some((all * together, together)).filter(|_| all > FEW)
    };
    let (mut shown, mut at) = (Vec::new(), 0);
    while at < lines.len() {
        // Of equal lengths, the shortest repetition.
        let longest =
            (1..=TOGETHER).rev().filter_map(|together| repeats(at, together)).max_by_key(|(length, _)| *length);
        let (length, together) = longest.unwrap_or((1, 1));
        shown.extend(lines[at..at + together].iter().copied().map(Shown::Line));
        if length > together {
            let last = at + length - together;
            shown.push(Shown::LeftOut(last - at - together));
            shown.extend(lines[last..at + length].iter().copied().map(Shown::Line));
        }
        at += length;
    }
    shown
}

/// A line without the numbers of streams and requests. Only whole words count: field values can hold anything.
fn shape(line: &str) -> String {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut before = "";
    let words = line.split(' ').map(|word| {
        let is_numbered = matches!(std::mem::replace(&mut before, word), "request" | "stream") && is_number(word);
        let mark = ["stream=", ":path=/"].into_iter().find(|mark| word.strip_prefix(mark).is_some_and(is_number));
        if is_numbered { "" } else { mark.unwrap_or(word) }
    });
    words.collect::<Vec<_>>().join(" ")
}
