//! The layout of text: no line is wider than a terminal, and names are never broken.

use std::{
    borrow::Cow,
    fmt::{self, Write},
};
use textwrap::{Options, WordSplitter};

/// The maximum width of lines, except those to be copied.
pub const WIDTH: usize = 100;

/// The width of labels.
pub const LABEL: usize = 12;

/// Wraps a text at spaces only, because a name may have a hyphen.
pub fn wrap<'text>(text: &'text str, options: impl Into<Options<'text>>) -> Vec<Cow<'text, str>> {
    textwrap::wrap(text, options.into().word_splitter(WordSplitter::NoHyphenation))
}

/// The text that `write` writes.
pub fn written(write: impl FnOnce(&mut String) -> fmt::Result) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write(&mut text);
    text
}

/// A paragraph, slightly indented.
pub fn paragraph(out: &mut String, text: &str) -> fmt::Result {
    indented(out, text, "  ")
}

/// A text with `indent` before each line.
pub fn indented(out: &mut String, text: &str, indent: &str) -> fmt::Result {
    hanging(out, text, indent, indent)
}

/// A text with `first` before its first line, and `rest` before the others.
pub fn hanging(out: &mut String, text: &str, first: &str, rest: &str) -> fmt::Result {
    for line in wrap(text, Options::new(WIDTH).initial_indent(first).subsequent_indent(rest)) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// A number with its noun. The plural adds an s.
pub fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
