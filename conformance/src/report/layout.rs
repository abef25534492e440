//! The layout of text: no line is wider than a terminal, and names are never broken.

use std::fmt::{self, Write};
use textwrap::{Options, WordSplitter};

/// The maximum width of lines, except those to be copied and those of tables with more than two columns, unless a
/// terminal is narrower.
pub const WIDTH: usize = 100;

/// The width of labels.
pub const LABEL: usize = 12;

/// Text for a terminal of some width.
#[derive(Debug)]
pub struct Text {
    text: String,
    /// The maximum width of its lines.
    pub width: usize,
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.text.write_str(text)
    }
}

/// Wraps a text at spaces only, because a name may have a hyphen. A long value is shortened.
pub fn wrap<'text>(text: &str, options: impl Into<Options<'text>>) -> Vec<String> {
    let text = shortened(text);
    let lines = textwrap::wrap(&text, options.into().word_splitter(WordSplitter::NoHyphenation));
    lines.into_iter().map(String::from).collect()
}

/// Shortens each long word, and then the whole text if it is still long, in the middle.
pub fn shortened(text: &str) -> String {
    const LONGEST_WORD: usize = 200;
    const LONGEST: usize = 2_000;
    let words: Vec<_> = text.split(' ').map(|word| without_middle(word, LONGEST_WORD)).collect();
    without_middle(&words.join(" "), LONGEST)
}

/// A text without its middle, if it has more characters than these.
fn without_middle(text: &str, longest: usize) -> String {
    let number = text.chars().count();
    if number <= longest {
        return text.into();
    }
    let place = |index: usize| text.char_indices().nth(index).map_or(text.len(), |(place, _)| place);
    let (first, last) = (place(longest / 2), place(number - longest / 4));
    format!("{}…({number} characters)…{}", &text[..first], &text[last..])
}

/// The text that `write` writes, at most [`WIDTH`] wide.
pub fn written(write: impl FnOnce(&mut Text) -> fmt::Result) -> String {
    written_within(WIDTH, write)
}

/// The text that `write` writes for a terminal of this width.
pub fn written_within(width: usize, write: impl FnOnce(&mut Text) -> fmt::Result) -> String {
    let mut text = Text { text: String::new(), width };
    // Writing to a string does not fail.
    let _ = write(&mut text);
    text.text
}

/// A paragraph, slightly indented.
pub fn paragraph(out: &mut Text, text: &str) -> fmt::Result {
    indented(out, text, "  ")
}

/// A text with `indent` before each line.
pub fn indented(out: &mut Text, text: &str, indent: &str) -> fmt::Result {
    hanging(out, text, indent, indent)
}

/// A text with `first` before its first line, and `rest` before the others.
pub fn hanging(out: &mut Text, text: &str, first: &str, rest: &str) -> fmt::Result {
    for line in wrap(text, Options::new(out.width).initial_indent(first).subsequent_indent(rest)) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// A number with its noun. The plural adds an s.
pub fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
