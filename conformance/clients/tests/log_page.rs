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

/// The page has these parts.
fn assert_made(page: &str, parts: &[Made]) {
    let path = root().join("conformance").join(page);
    let text = fs::read_to_string(&path).expect("it is there");
    let made = with_parts(&text, parts);
    if env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(&path, &made).expect("it can be written");
    }
    assert!(text == made, "{page} is not what was printed or played: INSTA_UPDATE=always makes it again");
}

#[test]
fn the_page_on_errors_has_the_phrases_and_what_the_clients_do() {
    assert_made(
        "clients/src/log.md",
        &[
            ("codes", codes()),
            ("phrases of hyper and h2", table(By::Stacks)),
            ("phrases of others", table(By::Others)),
            ("who retries", who_retries()),
            ("is turned away", is_turned_away()),
            ("settings of hyper", settings("settings_of_hyper")),
            ("settings of reqwest", settings("settings_of_reqwest")),
            ("settings of tonic", settings("settings_of_tonic")),
            ("settings of the AWS SDK", settings("settings_of_the_aws_sdk")),
            ("a request that hangs", settings("a_request_that_hangs")),
            ("one GOAWAY for many requests", bursts()),
        ],
    );
}

#[test]
fn the_pages_on_the_aws_sdk_and_on_a_report_have_the_tables_of_the_clients() {
    let (scenarios, requests) =
        (tables("\nclient  ", "\n\n"), tables("\nwith its retries  ", "\n\nbefore any connection"));
    let begin = |table: &str| table.lines().take(3).map(|line| format!("{line}\n")).collect::<String>() + "…\n";
    let both = format!("{}\n{}", begin(&scenarios), begin(&requests));
    assert_made("clients/src/aws.md", &[("scenarios", fenced(&scenarios)), ("requests", fenced(&requests))]);
    assert_made("cli/src/guide/report.md", &[("clients", fenced(&both))]);
}

/// The tables of `conformance clients` from this beginning to this end.
fn tables(begin: &str, end: &str) -> String {
    let text = snapshot("clients");
    let (_, rest) = text.split_once(begin).expect("the snapshot has the table");
    let (table, _) = rest.split_once(end).expect("another one follows");
    format!("{}{table}\n", begin.trim_start())
}

fn fenced(text: &str) -> String {
    format!("```text\n{text}```\n")
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

/// A table of the test `settings`.
fn settings(name: &str) -> String {
    let text = snapshot(name);
    text.split_once("\n---\n").expect("a snapshot has a head").1.to_owned()
}

/// The function that the test `settings` plays.
fn is_turned_away() -> String {
    let path = root().join("conformance/clients/tests/settings/turned_away.rs");
    format!("```rust,ignore\n{}```\n", fs::read_to_string(path).expect("it is there"))
}

/// The numbers of requests that one GOAWAY disowns, and of those that become errors: the same for all clients.
fn bursts() -> String {
    let text = snapshot("clients");
    let lines = text.lines().skip_while(|line| !line.starts_with("disowned by one GOAWAY")).skip(1);
    let mut bursts: Vec<[&str; 2]> = Vec::new();
    for line in lines.take_while(|line| !line.is_empty()) {
        let (_, numbers) = line.split_once(", retrying ").expect("the clients retry");
        let mut numbers = numbers.split_whitespace();
        let burst = [(); 2].map(|()| numbers.next().expect("two numbers"));
        if !bursts.contains(&burst) {
            bursts.push(burst);
        }
    }
    assert!(bursts.windows(2).all(|pair| pair[0][0] != pair[1][0]), "the clients differ: {bursts:?}");
    let row = |column: usize| bursts.iter().map(|burst| burst[column]).collect::<Vec<_>>().join(" | ");
    format!(
        "| requests disowned | {} |\n|---|{}\n| errors in the application | {} |\n",
        row(0),
        "---|".repeat(bursts.len()),
        row(1)
    )
}
