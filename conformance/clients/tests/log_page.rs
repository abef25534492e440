//! The page of the guide on errors in a log is made from what the errors print, and from what the clients do.

use conformance::{
    error_texts::{AnswerCase, SentAgain, phrases},
    http2::ErrorCode,
    report::error_text::{ErrorTextCase, ErrorTextReport},
};
use std::{collections::BTreeMap, env, fs, path::PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A part of the page that is made: its name, and its text.
type Made = (&'static str, String);

/// The page with the made parts in their places, between `<!-- NAME -->` and `<!-- end -->`.
fn with_parts(page: &str, parts: &[Made]) -> String {
    parts.iter().fold(page.to_owned(), |page, (name, text)| {
        let begin = format!("<!-- {name} -->\n");
        let (before, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("the page has no part {name}"));
        let (_, after) = rest.split_once("<!-- end -->").unwrap_or_else(|| panic!("the part {name} has no end"));
        format!("{before}{begin}\n{text}\n<!-- end -->{after}")
    })
}

#[test]
fn the_page_has_the_phrases_and_the_clients() {
    let path = root().join("conformance/clients/src/log.md");
    let page = fs::read_to_string(&path).expect("it is there");
    let parts = [
        ("codes", codes()),
        ("phrases of hyper and h2", table(By::Stacks)),
        ("phrases of others", table(By::Others)),
        ("who retries", who_retries()),
        ("settings of the AWS SDK", settings()),
    ];
    let made = with_parts(&page, &parts);
    if env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(&path, &made).expect("it can be written");
    }
    assert!(page == made, "log.md is not what the errors print: INSTA_UPDATE=always makes it again");
}

/// What h2 prints before its words for a code.
const BEFORE_A_CODE: [&str; 4] = [
    "connection error received: ",
    "stream error received: ",
    "connection error detected: ",
    "stream error detected: ",
];

/// h2's words for each code, and for each text before them whether a GET and a POST that wait for their response may be
/// sent again.
fn codes() -> String {
    let words = phrases().into_iter().filter_map(|phrase| phrase.text.strip_prefix(BEFORE_A_CODE[0]));
    let mut codes: Vec<_> = words.map(|words| (code(words), words)).collect();
    codes.sort_unstable();
    let mut text = format!(
        "| code | words of h2 | `{}` |\n|---|---|---|---|---|---|\n",
        BEFORE_A_CODE.map(str::trim).join("` | `")
    );
    for (code, words) in codes {
        let name = ErrorCode(code).name().map_or("any other".into(), |name| format!("`{name}`, {code:02x}"));
        let answers = BEFORE_A_CODE.map(|before| {
            let case = answer(&format!("{before}{words}")).expect("it is understood").answer.cases.remove(0);
            format!("{}, {}", again(case.get), again(case.post))
        });
        text += &format!("| {name} | {words} | {} |\n", answers.join(" | "));
    }
    text
}

/// The code that h2 describes with these words.
fn code(words: &str) -> u32 {
    let report = answer(&format!("{}{words}", BEFORE_A_CODE[0])).expect("it is understood");
    report.answer.cases[0].chains[0].h2().and_then(|h2| h2.reason).expect("the text has a code").0
}

fn answer(text: &str) -> Option<ErrorTextReport> {
    ErrorTextCase::of(text).ok().map(|mut case| case.errors.remove(0))
}

/// Who prints phrases.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    /// hyper, h2, hyper-util and the system.
    Stacks,
    /// Other crates, around those.
    Others,
}

/// What is said of phrases: what happened, whether the request was processed, and whether a GET and a POST may be sent
/// again.
type Said = [String; 4];

/// The table of phrases without a code of h2. Those of which the same is said share a row.
fn table(by: By) -> String {
    let wanted = if by == By::Others { Some("") } else { None };
    let mut rows: BTreeMap<(Option<&str>, Said), Vec<String>> = BTreeMap::new();
    for phrase in phrases() {
        let is_display =
            !phrase.text.contains(['{', '}']) && !phrase.text.contains("::") && !phrase.text.ends_with('(');
        let is_shown = is_display
            && phrase.text.contains(' ')
            && !phrase.text.contains("kind: ")
            && !phrase.text.contains("source: ");
        let has_code = ["received: ", "detected: ", "sent by user: ", "protocol error: "];
        let has_code = has_code.iter().any(|before| phrase.text.contains(before));
        if is_shown && !has_code && phrase.wrapped_by.is_some() == wanted.is_some() {
            let said = answer(phrase.text).map_or_else(Said::default, |report| said(&report));
            rows.entry((phrase.wrapped_by, said)).or_default().push(format!("`{}`", phrase.text));
        }
    }
    let (title, line) = if by == By::Others { ("| crate ", "|---") } else { ("", "") };
    let mut text = format!(
        "{title}| it prints | it means | processed | a GET again? | a POST again? |\n{line}|---|---|---|---|---|\n"
    );
    for ((of, said), phrases) in rows {
        let of = of.map_or_else(String::new, |of| format!("| {of} "));
        text += &format!("{of}| {} | {} |\n", phrases.join("<br>"), said.join(" | "));
    }
    text
}

fn said(report: &ErrorTextReport) -> Said {
    let of = |part: fn(&AnswerCase) -> String| {
        let mut parts: Vec<String> = Vec::new();
        for part in report.answer.cases.iter().map(part) {
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        parts.join(", or ")
    };
    // All kinds of I/O errors share a row.
    let means = report.means.split(": ").next().unwrap_or_default().trim_end_matches('.');
    let (get, post) = (of(|case| again(case.get).into()), of(|case| again(case.post).into()));
    [means.to_owned(), of(|case| format!("{:?}", case.verdict.processed)), get, post]
}

fn again(sent: SentAgain) -> &'static str {
    match sent {
        SentAgain::Yes => "yes",
        SentAgain::Later => "later",
        SentAgain::OverHttp1 => "over HTTP/1.1",
        SentAgain::InVain => "perhaps in vain",
        SentAgain::No => "no",
    }
}

/// The clients, each with the snapshot that has its row and the beginning of its part of that.
const CLIENTS: [(&str, &str, &str); 10] = [
    ("hyper 0.14", "hyper_0.14", "hyper 0.14 "),
    ("hyper-util", "hyper-util", "hyper-util "),
    ("reqwest 0.11", "reqwest_0.11", "reqwest 0.11 "),
    ("reqwest 0.12", "reqwest_0.12", "reqwest 0.12 "),
    ("reqwest 0.13", "reqwest_0.13", "reqwest 0.13 "),
    ("tonic 0.12", "tonic_0.12", "tonic 0.12 "),
    ("tonic 0.14", "tonic_0.14", "tonic 0.14 "),
    ("AWS SDK, legacy", "clients", "aws legacy, retrying: "),
    ("AWS SDK, default", "clients", "aws modern, retrying: "),
    ("AWS SDK, pool", "clients", "aws pool, retrying: "),
];

/// What happened to a request, and the scenario in which it did.
const SITUATIONS: [(&str, &str); 6] = [
    ("GOAWAY with `NO_ERROR`", "goaway-below-our-stream"),
    ("with `INTERNAL_ERROR`", "goaway-internal-error-below-our-stream"),
    ("with `ENHANCE_YOUR_CALM`", "goaway-too-many-pings"),
    ("RST_STREAM with `REFUSED_STREAM`", "rst-stream-refused-stream"),
    ("issued as the connection ended", "a-request-after-goaway-is-never-sent"),
    ("waited for a slot as GOAWAY came", "goaway-while-a-request-waits-for-a-slot"),
];

/// The table of the clients: which of them send again what was not processed.
fn who_retries() -> String {
    let names: Vec<_> = SITUATIONS.iter().map(|(name, _)| *name).collect();
    let mut text = format!("| client | {} |\n|---|{}\n", names.join(" | "), "---|".repeat(names.len()));
    for (client, file, begins) in CLIENTS {
        let given_up = given_up(file, begins);
        let cells =
            SITUATIONS.map(|(_, scenario)| if given_up.iter().any(|name| name == scenario) { "**no**" } else { "yes" });
        text += &format!("| {client} | {} |\n", cells.join(" | "));
    }
    text
}

/// The scenarios in which a client does not send again what was not processed, by its snapshot.
fn given_up(file: &str, begins: &str) -> Vec<String> {
    let text = snapshot(file);
    let part = text.lines().skip_while(|line| !line.starts_with(begins));
    let rows = part.skip(1).take_while(|line| line.starts_with("  "));
    let mut entries: Vec<String> = Vec::new();
    for row in rows {
        match row.strip_prefix("  ").filter(|row| !row.starts_with(' ')) {
            Some(first) => entries.push(first.to_owned()),
            None => entries.last_mut().expect("an entry has begun").extend([" ", row.trim()]),
        }
    }
    assert!(!entries.is_empty(), "{file} has nothing of `{begins}`");
    let is_given_up = |entry: &&String| entry.contains("not retried") || entry.starts_with("known: goaway-");
    let words = entries.iter().filter(is_given_up).flat_map(|entry| entry.split([' ', ',', ':']));
    words.map(str::to_owned).collect()
}

fn snapshot(name: &str) -> String {
    fs::read_to_string(root().join(format!("snapshots/{name}.snap"))).expect("there is such a snapshot")
}

/// The requests of all scenarios, by what is set: the tables of `conformance clients`.
fn settings() -> String {
    let text = snapshot("clients");
    let tables =
        text.split("\nwith its retries ").nth(1).and_then(|rest| rest.split("\n\nbefore any connection").next());
    format!("```text\nwith its retries {}\n```\n", tables.expect("the snapshot has the tables"))
}
