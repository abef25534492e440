//! From one record of a log to the chains that print it.

use super::marks::{MARKS, Mark, Meaning, h2_meanings, word};
use crate::{
    chain::{Chain, H2Link, HyperLink, Link, Origin, Scope},
    http2::ErrorCode,
    vocabulary::Phase,
};
use std::{borrow::Cow, io::ErrorKind};

/// What a record says.
#[derive(Debug)]
pub(super) struct Said {
    /// The part of the record from the first to the last known text.
    pub(super) text: String,
    /// Every chain that prints so.
    pub(super) chains: Vec<Chain>,
    /// How far the request can have come.
    pub(super) phases: Vec<Phase>,
    /// Whether the text ends before the cause.
    pub(super) without_cause: bool,
}

/// A known text in a record.
struct Hit {
    meanings: Cow<'static, [Meaning]>,
    phases: Cow<'static, [Phase]>,
    /// The text in the table; empty for h2's `Debug`.
    text: &'static str,
    is_wrapping: bool,
    /// Whether other programs print the same words.
    is_usual: bool,
    /// Whether punctuation is around it.
    is_apart: bool,
    from: usize,
    to: usize,
}

/// What this record says; `None` if it has no known error.
pub(super) fn read(record: &str) -> Option<Said> {
    let mut hits = hits(record);
    let is_whole = |hit: &Hit| hit.from == 0 && hit.to == record.len() && hit.says_something();
    // `: `, or the beginning of the next line in a list.
    let is_joint = |between: &str| between.len() <= 16 && !between.contains(char::is_alphabetic);
    let are_joined = hits.windows(2).any(|two| is_joint(&record[two[0].to..two[1].from]));
    if !are_joined && !hits.iter().any(|hit| !hit.is_usual || is_whole(hit) || hit.is_telling()) {
        return None;
    }
    without_repetitions(&mut hits);
    let (first, last) = (hits.first()?, hits.last()?);
    let is_open = |meaning: &Meaning| meaning.inside.is_some();
    let is_bare = |hit: &Hit| hit.is_wrapping && hit.meanings.iter().all(|meaning| meaning.links == [Link::Other]);
    Some(Said {
        text: record[first.from..last.to].to_owned(),
        chains: chains(&hits),
        phases: phases(&hits),
        without_cause: last.meanings.iter().all(is_open) || hits.iter().all(is_bare),
    })
}

/// The known texts in a record, each once, in order.
fn hits(record: &str) -> Vec<Hit> {
    let mut hits: Vec<Hit> = Vec::new();
    let mut at = 0;
    while at < record.len() {
        let word = word(&record[at..]);
        if word.is_empty() {
            at += record[at..].chars().next().map_or(1, char::len_utf8);
            continue;
        }
        let hit = h2_debug(record, at).or_else(|| {
            let marks = MARKS.get(&word.to_ascii_lowercase())?;
            marks.iter().find(|mark| is_at(&mark.text, record, at)).and_then(|mark| Hit::of(mark, record, at))
        });
        at = hit.as_ref().map_or(at + word.len(), |hit| hit.to);
        let is_known = |hit: &Hit| hits.iter().any(|known| known.text == hit.text && known.meanings == hit.meanings);
        let new = hit.filter(|hit| !is_known(hit));
        hits.extend(new);
    }
    hits
}

/// Whether the record has this text here, as whole words.
fn is_at(text: &str, record: &str, at: usize) -> bool {
    let to = at + text.len();
    let begins = record.get(at..to).is_some_and(|part| part.eq_ignore_ascii_case(text));
    let ends_a_word = text.ends_with(|c: char| c.is_ascii_alphanumeric());
    begins && !(ends_a_word && record[to..].starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

impl Hit {
    /// `None` for a few usual words in the middle of a sentence.
    fn of(mark: &'static Mark, record: &str, from: usize) -> Option<Hit> {
        const FEW: usize = 3;
        let to = from + mark.text.len();
        let is_plain = mark.text.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b' ');
        let is_usual = is_plain && mark.text.split(' ').count() <= FEW && !record[to..].starts_with(" (os error ");
        let is_apart = is_apart(record, from, to);
        (!is_usual || is_apart || record[to..].starts_with(": ")).then(|| Hit {
            meanings: Cow::Borrowed(&mark.meanings),
            phases: Cow::Borrowed(&mark.phases),
            text: &mark.text,
            is_wrapping: mark.wrapped_by.is_some(),
            is_usual,
            is_apart,
            from,
            to,
        })
    }

    /// Whether it stands for an error that a reader knows.
    fn says_something(&self) -> bool {
        self.is_wrapping || self.meanings.iter().flat_map(|meaning| &meaning.links).any(|link| *link != Link::Other)
    }

    /// Whether a few usual words between punctuation are the error of a connection.
    fn is_telling(&self) -> bool {
        use ErrorKind::*;
        self.is_apart
            && self.meanings.iter().flat_map(|meaning| &meaning.links).all(|link| match link {
                Link::Io(kind) => !matches!(
                    kind.0,
                    AddrInUse
                        | PermissionDenied
                        | NotFound
                        | InvalidInput
                        | InvalidData
                        | Unsupported
                        | OutOfMemory
                        | Other
                ),
                Link::Hyper(HyperLink { closed, canceled, user, .. }) => *closed || *canceled || *user,
                Link::H2(_) | Link::Elapsed => true,
                Link::Other => self.is_wrapping || self.meanings.len() > 1,
                Link::Pool { .. } | Link::Foreign => false,
            })
    }
}

/// Whether punctuation or an end is on both sides of this part.
fn is_apart(record: &str, from: usize, to: usize) -> bool {
    const BEFORE: [char; 13] = [':', '"', '(', '[', '\'', '`', '=', '\n', ',', '>', '-', ']', '{'];
    const AFTER: [char; 11] = [':', '"', ')', '\'', '`', ',', '.', ';', '\n', ']', '}'];
    const GOES_ON: [&str; 6] = [" (", " for url", " source", " ->", " }", " |"];
    let (before, after) = (record[..from].trim_end_matches(' '), &record[to..]);
    let goes_on = after.starts_with(AFTER) || GOES_ON.iter().any(|begin| after.starts_with(begin));
    (before.is_empty() || before.ends_with(BEFORE)) && (goes_on || after.trim_start().is_empty())
}

/// An error of h2 as its `Debug` prints it: `GoAway(b"", NO_ERROR, Remote)`, `Reset(StreamId(1), CANCEL, Library)`, and
/// without a frame `Proto(CANCEL)` or `kind: Reason(CANCEL)`.
fn h2_debug(record: &str, from: usize) -> Option<Hit> {
    /// The number of quotation marks in the debug data that are tried as its end.
    const QUOTES: usize = 16;
    let rest = &record[from..];
    let (meanings, after) = if let Some(data) = rest.strip_prefix("GoAway(b\"") {
        let mut ends = data.match_indices('"').take(QUOTES);
        let (code, origin, after) = ends.find_map(|(end, _)| code_and_origin(&data[end + 1..]))?;
        (h2_meanings(Scope::Connection, origin, code), after)
    } else if let Some(number) = rest.strip_prefix("Reset(StreamId(") {
        let closed = number.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix(')')?;
        let (code, origin, after) = code_and_origin(closed)?;
        (h2_meanings(Scope::Stream, origin, code), after)
    } else if let Some(name) = rest.strip_prefix("kind: Reason(") {
        let (code, after) = code(name)?;
        let link = Link::H2(H2Link { scope: Scope::Call, origin: Origin::User, reason: Some(code) });
        (vec![Meaning::of(&[link])], after)
    } else {
        let (code, after) = code(rest.strip_prefix("Proto(")?)?;
        (h2_meanings(Scope::Call, Origin::User, code).into_iter().filter(|meaning| !meaning.outermost).collect(), after)
    };
    Some(Hit {
        meanings: meanings.into(),
        phases: Cow::Borrowed(&[Phase::Head, Phase::Body]),
        text: "",
        is_wrapping: false,
        is_usual: false,
        is_apart: true,
        from,
        to: record.len() - after.len(),
    })
}

/// Reads `, NO_ERROR, Remote)`, and what comes after it.
fn code_and_origin(text: &str) -> Option<(ErrorCode, Origin, &str)> {
    const ORIGINS: [(&str, Origin); 3] =
        [("Remote)", Origin::Remote), ("Library)", Origin::Library), ("User)", Origin::User)];
    let (code, rest) = code(text.strip_prefix(", ")?)?;
    let rest = rest.strip_prefix(", ")?;
    ORIGINS.into_iter().find_map(|(name, origin)| Some((code, origin, rest.strip_prefix(name)?)))
}

/// Reads the code that h2's `Debug` names so, and what comes after it.
fn code(text: &str) -> Option<(ErrorCode, &str)> {
    if let Some(number) = text.strip_prefix("Reason(") {
        let number = number.strip_prefix("0x").unwrap_or(number);
        let (number, after) = number.split_at(word(number).len());
        return Some((ErrorCode(u32::from_str_radix(number, 16).ok()?), after.strip_prefix(')')?));
    }
    let (name, after) = text.split_at(word(text).len());
    Some((ErrorCode::from_name(name)?, after))
}

/// Takes out the links that are printed again: hyper 0.14 prints its source, and logs have the same error in several
/// forms.
fn without_repetitions(hits: &mut Vec<Hit>) {
    let mut seen: Vec<Link> = Vec::new();
    hits.retain(|hit| {
        let Some(Meaning { links, .. }) = hit.meanings.first() else { return false };
        let says_nothing = links.iter().all(|link| *link == Link::Other);
        let is_new = says_nothing || !seen.windows(links.len()).any(|window| window == links);
        seen.extend_from_slice(if is_new { links } else { &[] });
        is_new
    });
}

/// How far the request can have come: as far as the outermost error of a stack says, and the texts of other crates.
fn phases(hits: &[Hit]) -> Vec<Phase> {
    const ANY: [Phase; 3] = [Phase::Head, Phase::Connection, Phase::Body];
    let of_stack = hits.iter().find(|hit| !hit.is_wrapping && !hit.phases.is_empty());
    let mut phases = of_stack.map_or(ANY.to_vec(), |hit| hit.phases.to_vec());
    for wrapping in hits.iter().filter(|hit| hit.is_wrapping && !hit.phases.is_empty()) {
        let both: Vec<_> = phases.iter().copied().filter(|phase| wrapping.phases.contains(phase)).collect();
        if !both.is_empty() {
            phases = both;
        } else if of_stack.is_none() {
            phases = wrapping.phases.to_vec();
        }
    }
    phases.sort_by_key(|phase| ANY.iter().position(|known| known == phase));
    phases
}

/// Every chain that these texts can stand for.
fn chains(hits: &[Hit]) -> Vec<Chain> {
    /// The maximum number of chains for one text.
    const MOST: usize = 64;
    let mut chains: Vec<Vec<Link>> = vec![Vec::new()];
    for (index, hit) in hits.iter().enumerate() {
        let inside = hits.get(index + 1).map(|next| next.text);
        let is_outermost = hits[..index].iter().all(|hit| hit.is_wrapping);
        let is_possible = |meaning: &&Meaning| is_outermost || !meaning.outermost;
        let is_inside = |meaning: &&Meaning| meaning.inside.as_deref() == inside;
        let mut meanings: Vec<_> = hit.meanings.iter().filter(is_possible).filter(is_inside).collect();
        if meanings.is_empty() {
            meanings =
                hit.meanings.iter().filter(is_possible).filter(|meaning| meaning.inside.is_some()).take(1).collect();
        }
        if meanings.is_empty() {
            meanings = hit.meanings.iter().filter(is_possible).collect();
        }
        meanings.truncate((MOST / chains.len()).max(1));
        let is_connecting = |chain: &[Link]| chain.contains(&Link::Pool { connect: true });
        let with = |chain: Vec<Link>| {
            let with = |meaning: &&Meaning| {
                let is_again =
                    meaning.links.first().is_some_and(|link| chain.last() == Some(link) && *link != Link::Other);
                [&chain[..], &meaning.links[usize::from(is_again)..]].concat()
            };
            // Before there is a connection there is no h2.
            let is_possible = |meaning: &&&Meaning| !(is_connecting(&chain) && matches!(meaning.links[0], Link::H2(_)));
            meanings.iter().filter(is_possible).map(with).collect::<Vec<_>>()
        };
        chains = chains.into_iter().flat_map(with).collect();
    }
    let mut read: Vec<Chain> = Vec::new();
    for mut links in chains {
        let cut = links.len() > Chain::READING_LIMIT;
        links.truncate(Chain::READING_LIMIT);
        let chain = Chain { links, cut };
        if !read.contains(&chain) {
            read.push(chain);
        }
    }
    read
}
