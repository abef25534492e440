//! From a log to the texts of errors: colours, quoting and line breaks taken out, one text for each record of the log.

/// The texts of a log, record by record, each on one line: without colours, without the escapes of JSON and of Rust
/// strings, and with a pretty-printed `Debug` as it is on one line.
pub(crate) fn records(log: &str) -> Vec<String> {
    let text = on_one_line(&without_escapes(&without_colours(log)));
    let mut records: Vec<String> = Vec::new();
    for line in text.lines() {
        match records.last_mut() {
            Some(record) if !begins_a_record(line) => {
                record.push('\n');
                record.push_str(line.trim());
            }
            _ => records.push(line.trim().to_owned()),
        }
    }
    records.retain(|record| !record.is_empty());
    records
}

/// Whether a line of a log begins with a time, a level, a name in brackets or a JSON object. Any other line goes on with
/// the record before it, as the causes of an error do.
fn begins_a_record(line: &str) -> bool {
    const BEGINNINGS: [&str; 10] =
        ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "thread '", "Error: ", "{\"", "["];
    let digits = line.chars().take_while(char::is_ascii_digit).count();
    digits >= 4 || BEGINNINGS.iter().any(|beginning| line.starts_with(beginning))
}

/// The text without the escape sequences of a terminal.
fn without_colours(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    // A log as JSON has the escape character in one of these forms.
    let text = text.replace("\\u001b", "\u{1b}").replace("\\x1b", "\u{1b}").replace("\\u{1b}", "\u{1b}");
    let mut parts = text.split("\u{1b}[");
    shown.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let codes = part.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(part.len());
        shown.push_str(part[codes..].strip_prefix(|c: char| c.is_ascii_alphabetic()).unwrap_or(&part[codes..]));
    }
    shown
}

/// The text with the escapes of a quoted string undone, as often as it may have been quoted.
fn without_escapes(text: &str) -> String {
    const QUOTED_AT_MOST: usize = 3;
    let mut text = text.to_owned();
    for _ in 0..QUOTED_AT_MOST {
        if !text.contains("\\\"") && !text.contains("\\n") {
            break;
        }
        let mut unquoted = String::with_capacity(text.len());
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match (c, if c == '\\' { chars.clone().next() } else { None }) {
                ('\\', Some(escaped @ ('"' | '\\' | 'n' | 't' | '\''))) => {
                    chars.next();
                    unquoted.push(match escaped {
                        'n' => '\n',
                        't' => ' ',
                        other => other,
                    });
                }
                (c, _) => unquoted.push(c),
            }
        }
        text = unquoted;
    }
    text
}

/// The text with each line break after a bracket or a comma taken out, so that `{:#?}` reads like `{:?}`.
fn on_one_line(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((line, next)) = rest.split_once('\n') {
        let line = line.trim_end();
        let indented = without_indent(next);
        joined.push_str(line);
        rest = indented;
        match (line.chars().next_back(), indented.chars().next()) {
            (Some(','), Some(')' | ']')) => drop(joined.pop()),
            (Some(','), Some('}')) => joined.replace_range(joined.len() - 1.., " "),
            (Some('('), _) | (Some(')' | '}' | '"'), Some(')')) => {}
            (Some('{' | '[' | ','), _) | (_, Some('}')) => joined.push(' '),
            _ => {
                joined.push('\n');
                rest = next;
            }
        }
    }
    joined + rest
}

/// The text without the white space at its beginning, if that is no more than an indent.
fn without_indent(text: &str) -> &str {
    const DEEPEST: usize = 400;
    let indent = text.bytes().take(DEEPEST).take_while(u8::is_ascii_whitespace).count();
    &text[indent..]
}
