//! The texts that stand for links of a chain, learnt from the errors of the catalogue.

use super::wrappings::{OF_SYSTEMS, WRAPPINGS};
use crate::{
    chain::{H2Link, HyperLink, IoKind, Link, Origin, Scope},
    classifiers::{Both, Reader},
    error_catalog::{CatalogEntry, ERROR_CATALOG},
    http2::ErrorCode,
    script::IoFailure,
    stacks::Driver,
    vocabulary::{Phase, StackName},
};
use std::{collections::HashMap, error::Error, sync::LazyLock};

/// A text that stands for links.
#[derive(Debug)]
pub(super) struct Mark {
    /// The text, as `Display` prints it or as `Debug` begins it.
    pub(super) text: String,
    /// The crate that prints it, if it is neither hyper nor h2.
    pub(super) wrapped_by: Option<&'static str>,
    /// The links that it can stand for.
    pub(super) meanings: Vec<Meaning>,
    /// How far the request can have come if this is the outermost text; empty if the text does not say it.
    pub(super) phases: Vec<Phase>,
}

/// The links that a text can stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Meaning {
    /// The links, outermost first.
    pub(super) links: Vec<Link>,
    /// The text that the catalogue has inside this one.
    pub(super) inside: Option<String>,
    /// Whether it has this meaning only where no error of a stack is around it.
    pub(super) outermost: bool,
}

impl Meaning {
    pub(super) fn of(links: &[Link]) -> Meaning {
        Meaning { links: links.to_vec(), inside: None, outermost: false }
    }
}

/// All marks, by their first word in lower case, the longest first.
pub(super) static MARKS: LazyLock<HashMap<String, Vec<Mark>>> = LazyLock::new(|| {
    let mut learnt = Learnt::default();
    let driver = Driver::new();
    for entry in ERROR_CATALOG.iter() {
        for stack in StackName::ALL {
            if learnt.needs(entry, stack) {
                entry.obtain(stack, &driver).iter().for_each(|error| learnt.learn(entry, stack, error.as_ref()));
            }
        }
    }
    learnt.compose();
    learnt.add_wrappings();
    learnt.add_h2_around_io();
    learnt.by_first_word()
});

/// What is learnt from the catalogue.
#[derive(Default)]
struct Learnt {
    marks: Vec<Mark>,
    /// The position in `marks` of each text.
    positions: HashMap<String, usize>,
    /// The families that a stack has shown.
    families: Vec<(&'static str, StackName)>,
    /// What h2 prints before the description of a code.
    prefixes: Vec<(String, Origin, Scope)>,
    /// h2's description of each code.
    descriptions: Vec<(String, ErrorCode)>,
}

impl Learnt {
    /// Whether the entry may print what no other of its family prints, apart from codes and kinds of I/O errors.
    fn needs(&self, entry: &'static CatalogEntry, stack: StackName) -> bool {
        !entry.needs_peer() || !self.families.contains(&(entry.family(), stack))
    }

    fn learn(&mut self, entry: &'static CatalogEntry, stack: StackName, error: &(dyn Error + 'static)) {
        self.families.push((entry.family(), stack));
        let nodes: Vec<Node> = Node::chain(error);
        if nodes.iter().all(|node| node.link == Link::Other) {
            return;
        }
        for groups in [displayed(&nodes), debugged(&nodes)] {
            for (index, (text, links)) in groups.iter().enumerate() {
                let inside = groups.get(index + 1).map(|(text, _)| text.clone());
                let phase = (index == 0 && says_phase(links)).then_some(entry.phase);
                let text = without_number(text);
                match links[..] {
                    [Link::H2(H2Link { reason: Some(code), origin, scope })] => {
                        self.learn_code(text, code, origin, scope)
                    }
                    _ => self.add(text, Meaning { links: links.clone(), inside, outermost: false }, phase),
                }
            }
        }
    }

    /// Learns h2's words around a code, and its words for the code.
    fn learn_code(&mut self, text: &str, code: ErrorCode, origin: Origin, scope: Scope) {
        // `Debug` has the code's name, and is read as it is written.
        let Some((prefix, rest)) = text.split_once(": ").filter(|_| !text.contains('{')) else { return };
        let description = rest.split(" (b\"").next().unwrap_or(rest);
        if !self.prefixes.iter().any(|(known, ..)| known == prefix) {
            self.prefixes.push((prefix.to_owned(), origin, scope));
        }
        if !self.descriptions.iter().any(|(_, known)| *known == code) {
            self.descriptions.push((description.to_owned(), code));
        }
    }

    /// Adds what h2 prints for each code.
    fn compose(&mut self) {
        let by_user = ("connection error sent by user".to_owned(), Origin::User, Scope::Connection);
        let prefixes: Vec<_> = std::mem::take(&mut self.prefixes).into_iter().chain([by_user]).collect();
        let descriptions = std::mem::take(&mut self.descriptions);
        for (prefix, origin, scope) in &prefixes {
            for (description, code) in &descriptions {
                let text = format!("{prefix}: {description}");
                let phases = [Some(Phase::Head), Some(Phase::Body)];
                for meaning in h2_meanings(*scope, *origin, *code) {
                    phases.iter().for_each(|phase| self.add(&text, meaning.clone(), *phase));
                }
            }
        }
    }

    fn add_wrappings(&mut self) {
        for failure in IoFailure::ALL.into_iter().filter(|failure| failure.kind() != std::io::ErrorKind::Other) {
            self.add(&format!("kind: {failure}"), Meaning::of(&[Link::Io(IoKind(failure.kind()))]), None);
        }
        for (text, kind) in OF_SYSTEMS {
            self.add(text, Meaning::of(&[Link::Io(IoKind(*kind))]), None);
        }
        // Channels of tokio and of futures print the same.
        let closed = |mark: &&mut Mark| mark.meanings.iter().any(|meaning| is_closed_channel(&meaning.links));
        for mark in self.marks.iter_mut().filter(|mark| mark.text.contains(' ')).filter(closed) {
            mark.meanings.push(Meaning { outermost: true, ..Meaning::of(&[Link::Other]) });
            mark.phases.push(Phase::Head);
        }
        for wrapping in WRAPPINGS {
            let phases = wrapping.phases.iter().copied().map(Some);
            for phase in phases.chain(wrapping.phases.is_empty().then_some(None)) {
                self.add(wrapping.text, Meaning::of(wrapping.links), phase);
            }
            let mark = self.positions.get(&wrapping.text.to_ascii_lowercase()).map(|at| &mut self.marks[*at]);
            mark.into_iter().for_each(|mark| mark.wrapped_by = Some(wrapping.of));
        }
    }

    /// h2's error of an I/O error prints what that prints.
    fn add_h2_around_io(&mut self) {
        let is_io = |meaning: &&Meaning| matches!(meaning.links[0], Link::Io(_)) && meaning.inside.is_none();
        for mark in self.marks.iter_mut().filter(|mark| !mark.text.contains(['(', ':'])) {
            let around = mark.meanings.iter().filter(is_io).map(|io| [&[Link::H2(TRANSPORT)], &io.links[..]].concat());
            let around: Vec<_> = around.map(|links| Meaning::of(&links)).collect();
            let new: Vec<_> = around.into_iter().filter(|meaning| !mark.meanings.contains(meaning)).collect();
            mark.meanings.extend(new);
        }
    }

    fn add(&mut self, text: &str, meaning: Meaning, phase: Option<Phase>) {
        if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return;
        }
        let at = *self.positions.entry(text.to_ascii_lowercase()).or_insert(self.marks.len());
        if at == self.marks.len() {
            let (meanings, phases) = (Vec::new(), Vec::new());
            self.marks.push(Mark { text: text.to_owned(), wrapped_by: None, meanings, phases });
        }
        let mark = &mut self.marks[at];
        if !mark.meanings.contains(&meaning) {
            mark.meanings.push(meaning);
            mark.meanings.sort_by_key(|meaning| meaning.links.len());
        }
        mark.phases.extend(phase.filter(|phase| !mark.phases.contains(phase)));
    }

    fn by_first_word(self) -> HashMap<String, Vec<Mark>> {
        let mut marks: HashMap<String, Vec<Mark>> = HashMap::new();
        for mark in self.marks {
            marks.entry(word(&mark.text).to_ascii_lowercase()).or_default().push(mark);
        }
        marks.values_mut().for_each(|of_one_word| of_one_word.sort_by_key(|mark| std::cmp::Reverse(mark.text.len())));
        marks
    }
}

/// h2's error of an I/O error.
const TRANSPORT: H2Link = H2Link { scope: Scope::Transport, origin: Origin::User, reason: None };

fn is_closed_channel(links: &[Link]) -> bool {
    matches!(links, [Link::Hyper(HyperLink { closed: true, .. })])
}

/// What an error of h2 with this code can be. h2 before 0.3.5 prints its reason without the frame, and without who sent
/// it; later versions print the same only for a reason that the application turned into an error.
pub(super) fn h2_meanings(scope: Scope, origin: Origin, code: ErrorCode) -> Vec<Meaning> {
    let link = |scope, origin| Meaning::of(&[Link::H2(H2Link { scope, origin, reason: Some(code) })]);
    let mut meanings = vec![link(scope, origin)];
    if scope == Scope::Call {
        meanings[0].outermost = true;
        meanings.extend([link(Scope::Connection, Origin::Remote), link(Scope::Stream, Origin::Remote)]);
        // A client's own h2 ends nothing with these.
        if !matches!(code, ErrorCode::NO_ERROR | ErrorCode::REFUSED_STREAM) {
            meanings.extend([link(Scope::Connection, Origin::Library), link(Scope::Stream, Origin::Library)]);
        }
    }
    meanings
}

/// Whether these links, outermost, say how far the request had come: an I/O error or a timeout can come at any time.
fn says_phase(links: &[Link]) -> bool {
    links.iter().any(|link| !matches!(link, Link::Io(_) | Link::Elapsed | Link::Other | Link::H2(TRANSPORT)))
}

/// An error of a chain, with what it prints.
struct Node {
    link: Link,
    display: String,
    debug: String,
}

impl Node {
    fn chain(error: &(dyn Error + 'static)) -> Vec<Node> {
        let errors = std::iter::successors(Some(error), |error| Both.inner(*error));
        let node = |error: &(dyn Error + 'static)| Node {
            link: Both.link(error),
            display: error.to_string(),
            debug: format!("{error:?}"),
        };
        errors.map(node).collect()
    }
}

/// The links for each text of `Display`. An error that prints only what the one inside prints has no text of its own.
fn displayed(nodes: &[Node]) -> Vec<(String, Vec<Link>)> {
    let (mut groups, mut links) = (Vec::new(), Vec::new());
    for (index, node) in nodes.iter().enumerate() {
        links.push(node.link.clone());
        let inside = nodes.get(index + 1).map(|inside| &inside.display);
        if inside == Some(&node.display) {
            continue;
        }
        // hyper 0.14 prints its source too.
        let own = inside.and_then(|inside| node.display.strip_suffix(inside)?.strip_suffix(": "));
        groups.push((own.unwrap_or(&node.display).to_owned(), std::mem::take(&mut links)));
    }
    groups
}

/// The links for the beginning of each `Debug`, up to that of the error inside.
fn debugged(nodes: &[Node]) -> Vec<(String, Vec<Link>)> {
    let mut groups = Vec::new();
    for (index, node) in nodes.iter().enumerate() {
        let inside = nodes.get(index + 1).and_then(|inside| node.debug.find(&inside.debug));
        let inside = inside.filter(|at| !node.debug[..*at].ends_with(|c: char| c.is_alphanumeric()));
        let Some(at) = inside else {
            // What is inside is not printed.
            groups.push((node.debug.clone(), nodes[index..].iter().map(|node| node.link.clone()).collect()));
            break;
        };
        groups.push((node.debug[..at].trim_end_matches([',', ' ']).to_owned(), vec![node.link.clone()]));
    }
    groups
}

/// The text up to a number that is not part of a word.
fn without_number(text: &str) -> &str {
    let number =
        text.match_indices([' ', '(']).find(|(at, _)| text[at + 1..].starts_with(|c: char| c.is_ascii_digit()));
    number.map_or(text, |(at, _)| text[..=at].trim_end())
}

/// The word at the beginning of a text.
pub(super) fn word(text: &str) -> &str {
    &text[..text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()]
}
