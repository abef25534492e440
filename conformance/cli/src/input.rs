//! Reads the arguments of commands: scenarios, scripts, error chains and bytes of clients, by name, from a file or as
//! hex.

use super::{UsageError, capture};
use conformance::{
    error_chains::ErrorChain,
    frame_logs::{self, FrameLog},
    fuzz::sent_by_a_server,
    ledger,
    report::{
        Run, SCHEMA,
        error_text::ErrorTextCase,
        layout::{count, shortened},
    },
    scenarios::{self, Origin, Scenario},
    script::{Script, Step, text::from_hex},
    servers::{ClientBytes, ledger as server_ledger},
    stacks::Profile,
};
use serde::{Deserialize, de::DeserializeOwned};
use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

/// The corpora that come with the suite, as they were when it was built.
mod corpora {
    include!(concat!(env!("OUT_DIR"), "/corpora.rs"));
}

/// The maximum size in bytes of what is read as a script: that of the largest frame.
const LONGEST: u64 = Step::MAX_RAW as u64;

/// The maximum size in bytes of a corpus.
const LARGEST_CORPUS: u64 = 16 * LONGEST;

/// The bytes that a client sends to a server, with a name for them: a known divergence of the servers, a file, `-`, or
/// `hex:` and bytes.
fn client(what: &str) -> Result<(String, ClientBytes), UsageError> {
    if let Some(bytes) = hex_bytes(what)? {
        return Ok(("client".into(), ClientBytes::new(&bytes)));
    }
    if let Some(shown) = server_ledger::LEDGER.iter().find(|entry| entry.name == what) {
        let file = corpora::SERVER.iter().find(|(name, _)| *name == shown.scenario);
        let missing = || UsageError(format!("the corpus `server` has no file {}", shown.scenario));
        let (_, bytes) = file.ok_or_else(missing)?;
        return Ok((shown.name.into(), ClientBytes::new(bytes)));
    }
    let read = read(what, || {
        let near = near(what, divergences_of_servers());
        UsageError(format!(
            "`{what}` is neither a known divergence of the servers nor a file.{near} `conformance list` shows all names."
        ))
    })?;
    let (name, bytes) = not_empty(read, "the bytes that a client sends to a server")?;
    Ok((name, ClientBytes::new(&bytes)))
}

/// Whether the servers' ledger has an entry of this name.
pub(crate) fn is_known(name: &str) -> bool {
    server_ledger::LEDGER.iter().any(|entry| entry.name == name)
}

fn divergences_of_servers() -> impl Iterator<Item = String> {
    server_ledger::LEDGER.iter().map(|entry| format!("server:{}", entry.name))
}

/// What an argument names.
pub enum Found {
    /// An error chain.
    ErrorChain(ErrorChain),
    /// The text of an error, with the answers to it.
    ErrorText(ErrorTextCase),
    /// A log of frames, or a capture of packets.
    FrameLog(FrameLog),
    /// The bytes that a client sends to a server, with a name for them.
    Client(String, ClientBytes),
    /// Scenarios of this suite or of a file.
    Scenarios(Vec<Scenario>),
    /// A script, with its name.
    Script(String, Script),
}

/// Finds the case for `explain` or `minimize`: a scenario by its name or by the divergence that it shows, a file, `-`,
/// bytes after `hex:` or `wire:`, the bytes of a client after `server:`, an error chain after `chain:`, or the text of an
/// error.
///
/// # Errors
///
/// If there is no such case, or if `--profile` was given with an error chain or the text of an error.
pub fn find(what: &str, has_profile: bool) -> Result<Found, UsageError> {
    if let Some(chain) = behind(what, "chain:", "an error chain; `conformance errors` lists the errors for it")? {
        if has_profile {
            return Err(UsageError("an error chain has no connection, so it takes no `--profile`".into()));
        }
        return Ok(Found::ErrorChain(chain.parse()?));
    }
    if let Some(what) = behind(what, "server:", "a file, `hex:` and bytes, or a divergence of the servers")? {
        return client(what).map(|(name, sent)| Found::Client(name, sent));
    }
    if let Some(bytes) = hex_bytes(what)? {
        if bytes.is_empty() {
            return Err(nothing_behind("hex:", "the bytes of a script"));
        }
        return Ok(Found::Script("script".into(), Script::decode(bytes)));
    }
    if let Some(what) = behind(what, "wire:", "a file, or `hex:` and bytes")? {
        const WANTED: &str = "the bytes that a server sends";
        let read = match hex_bytes(what)? {
            Some(bytes) => ("server".into(), bytes),
            None => read(what, || UsageError(format!("`{what}` is not a file: it should have {WANTED}")))?,
        };
        let (name, bytes) = not_empty(read, WANTED)?;
        return Ok(Found::Script(name, sent_by_a_server(&bytes)));
    }
    match named_or_in_a_file(what)? {
        Found::ErrorText(_) if has_profile => {
            Err(UsageError("the text of an error has no connection, so it takes no `--profile`".into()))
        }
        found => Ok(found),
    }
}

/// The scenario of this name, or what the file of this name has.
fn named_or_in_a_file(what: &str) -> Result<Found, UsageError> {
    let scenarios = scenarios::built_in()?;
    let named = |name: &str| scenarios.iter().find(|scenario| scenario.name == name);
    let shows = || ledger::entries().find(|entry| entry.name == what).and_then(|entry| named(entry.scenario));
    if let Some(scenario) = named(what).or_else(shows) {
        return Ok(Found::Scenarios(vec![scenario.clone()]));
    }
    if what != "-" && fs::metadata(what).is_err_and(|error| is_no_file(&error)) {
        return not_a_file(what, &scenarios);
    }
    let read = read(what, || unknown(what, &scenarios))?;
    let (name, bytes) = not_empty(read, "scenarios as TOML, the bytes of a script, or the text of an error")?;
    if capture::is_capture(&bytes) {
        return capture::read(&name, bytes.into()).map(Found::FrameLog);
    }
    if bytes.starts_with(GZIP) {
        return Err(UsageError(format!("{name} is compressed: `gunzip` writes what is in it")));
    }
    // Any other bytes are a script. A file is TOML if its name ends in `.toml`, or if it has a scenario.
    let is_toml = |text: &&str| what.ends_with(".toml") || text.contains("[[scenario");
    match std::str::from_utf8(&bytes).ok().filter(is_toml) {
        Some(text) => {
            let mut scenarios = scenarios::parse(&name, text)?;
            if what != "-" {
                scenarios.iter_mut().for_each(|scenario| scenario.origin = Origin::File(what.into()));
            }
            Ok(Found::Scenarios(scenarios))
        }
        None if what.ends_with(".toml") => Err(UsageError(format!("{name} is not valid UTF-8, so it is not TOML"))),
        None => match printable(&bytes) {
            Some(text) => {
                if let Some(log) = frame_logs::read(&text) {
                    return Ok(Found::FrameLog(log));
                }
                let answers = ErrorTextCase::of(&text);
                let nothing =
                    |error| UsageError(format!("{name} is text, and frames are not, but {error}. {NO_ERROR}"));
                answers.map(Found::ErrorText).map_err(nothing)
            }
            None => Ok(Found::Script(name, Script::decode(bytes))),
        },
    }
}

/// What a file begins with that gzip compressed (RFC 1952 §2.3.1).
const GZIP: &[u8] = &[0x1f, 0x8b, 8];

/// Whether nothing has this name. The text of an error can be too long for a name.
fn is_no_file(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidFilename, InvalidInput, NotADirectory, NotFound};
    matches!(error.kind(), NotFound | InvalidFilename | InvalidInput | NotADirectory)
}

/// What an argument is that is neither a name nor a file: the text of an error.
fn not_a_file(what: &str, scenarios: &[Scenario]) -> Result<Found, UsageError> {
    if let Some(theme) = a_theme(what, scenarios) {
        return Err(theme);
    }
    if let Some(log) = frame_logs::read(what) {
        return Ok(Found::FrameLog(log));
    }
    ErrorTextCase::of(what).map(Found::ErrorText).map_err(|error| match what.trim().contains(char::is_whitespace) {
        true => UsageError(format!("`{}` is neither a name nor a file, and {error}", shortened(what))),
        false => unknown(what, scenarios),
    })
}

/// What else a file of text, or a log, can be.
const NO_ERROR: &str = "A file can also have scenarios with `[[scenario]]`, or the bytes of frames; `wire:FILE` plays any \
                        bytes as those of a server. A log of frames is taken from the crate h2 \
                        (`RUST_LOG=h2=debug`), from `nghttp -v` and from `curl --trace-config http/2 -v`, and a \
                        capture of packets as pcap or pcapng; `conformance explain hex:BYTES` takes the bytes of one frame in hexadecimal digits";

fn unknown(what: &str, scenarios: &[Scenario]) -> UsageError {
    if what.contains(':') {
        let near = near(what, divergences_of_servers());
        return UsageError(format!(
            "`{what}` is not a file.{near} With a colon, `chain:` takes an error chain, `server:` the bytes of a client, \
             `wire:` those of a server, and `hex:` those of a script."
        ));
    }
    let names = scenarios.iter().map(|scenario| scenario.name.clone());
    let names = names.chain(ledger::entries().map(|entry| entry.name.to_owned()));
    let near = near(what, names.chain(divergences_of_servers()));
    UsageError(format!(
        "`{what}` is not a scenario, a known divergence or a file.{near} `conformance list` shows all names."
    ))
}

/// The error for the name of a theme: it lists the theme's scenarios.
fn a_theme(what: &str, scenarios: &[Scenario]) -> Option<UsageError> {
    let theme = what.replace('-', "_");
    let names: Vec<_> =
        scenarios.iter().filter(|scenario| scenario.theme == theme).map(|scenario| &*scenario.name).collect();
    let names = (!names.is_empty()).then(|| names.join("\n  "))?;
    Some(UsageError(format!("`{what}` is a theme: name one of its scenarios\n  {names}")))
}

/// The bytes as text, if they are text: almost all UTF-8, or UTF-16 with a byte order mark, with no control characters but
/// line breaks, tabs and escapes. A frame of less than a megabyte begins with a zero.
fn printable(bytes: &[u8]) -> Option<String> {
    const AT_LEAST_VALID: usize = 10;
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        String::from_utf16_lossy(&bytes.as_chunks().0.iter().map(|pair| unit(*pair)).collect::<Vec<_>>())
    };
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    let is_printed = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\u{1b}');
    let invalid = text.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count();
    (text.chars().all(is_printed) && invalid * AT_LEAST_VALID <= text.chars().count()).then_some(text)
}

/// The text after a prefix, which must not be empty; `None` without the prefix.
fn behind<'what>(what: &'what str, prefix: &str, wanted: &str) -> Result<Option<&'what str>, UsageError> {
    match what.strip_prefix(prefix) {
        Some("") => Err(nothing_behind(prefix, wanted)),
        behind => Ok(behind),
    }
}

fn nothing_behind(prefix: &str, wanted: &str) -> UsageError {
    UsageError(format!("nothing follows `{prefix}`: it should be {wanted}"))
}

/// What was read, unless it is empty.
fn not_empty((name, bytes): (String, Vec<u8>), wanted: &str) -> Result<(String, Vec<u8>), UsageError> {
    match bytes.is_empty() {
        true => Err(UsageError(format!("{name} is empty: it should have {wanted}"))),
        false => Ok((name, bytes)),
    }
}

/// The bytes after `hex:`; `None` without that prefix.
fn hex_bytes(what: &str) -> Result<Option<Vec<u8>>, UsageError> {
    let Some(hex) = what.strip_prefix("hex:") else { return Ok(None) };
    from_hex(hex).map(Some).ok_or_else(|| UsageError("`hex:` needs pairs of hexadecimal digits".into()))
}

/// The bytes of a file, or of standard input for `-`, with a name for them. `missing` makes the error if there is no
/// such file.
fn read(what: &str, missing: impl FnOnce() -> UsageError) -> Result<(String, Vec<u8>), UsageError> {
    if what == "-" {
        let name = "standard input";
        return bounded(name, io::stdin()).map(|bytes| (name.into(), bytes));
    }
    let file = File::open(what).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => missing(),
        _ => UsageError(format!("{what} cannot be read: {error}")),
    })?;
    bounded(what, file).map(|bytes| (what.to_owned(), bytes))
}

/// What can be read, unless it is larger than any script, or than a capture may be.
fn bounded(name: &str, mut from: impl Read) -> Result<Vec<u8>, UsageError> {
    const MAGIC: u64 = 4;
    let mut bytes = Vec::new();
    let mut read = |length: u64, bytes: &mut Vec<u8>| {
        let read = from.by_ref().take(length).read_to_end(bytes);
        read.map_err(|error| UsageError(format!("{name} cannot be read: {error}")))
    };
    read(MAGIC, &mut bytes)?;
    let (longest, kind) = if capture::is_capture(&bytes) { (capture::LONGEST, "capture") } else { (LONGEST, "script") };
    read(longest + 1 - MAGIC, &mut bytes)?;
    match bytes.len() as u64 > longest {
        true => Err(UsageError(format!("{name} has more than {longest} bytes, the maximum for a {kind}"))),
        false => Ok(bytes),
    }
}

/// A question with the name that shares the most words with `what`, misspelt words included; empty if no name shares
/// any.
fn near(what: &str, names: impl Iterator<Item = String>) -> String {
    fn words(name: &str) -> impl Iterator<Item = &str> {
        name.split(['-', ':'])
    }
    let is_like = |word: &str, other: &str| strsim::normalized_damerau_levenshtein(word, other) > 0.7;
    let shared = |name: &str| words(what).filter(|word| words(name).any(|other| is_like(word, other))).count();
    let best = names.max_by_key(|name| (shared(name), std::cmp::Reverse(name.len())));
    best.filter(|name| shared(name) > 0).map_or(String::new(), |name| format!(" Did you mean `{name}`?"))
}

/// The command that writes a run.
pub const RUN: &str = "conformance --json=FILE";

/// The command that writes a shard of a run.
pub const SHARD: &str = "conformance --shard I/N --json=FILE";

/// An earlier run with these settings, from the file that its `--json` wrote.
pub fn baseline(path: &Path, profile: Profile) -> Result<Run, UsageError> {
    let run: Run = read_json(path, RUN)?;
    if run.profile != profile {
        let (then, now) = (run.profile.name(), profile.name());
        let why = format!("it has `--profile {then}`, and this run has `--profile {now}`");
        return Err(unusable(path, &why, RUN));
    }
    if run.interrupted {
        return Err(unusable(path, "it was interrupted", RUN));
    }
    Ok(run)
}

/// The value that this command has written to a file as JSON.
pub fn read_json<T: DeserializeOwned>(path: &Path, command: &str) -> Result<T, UsageError> {
    /// Read first, so that a file of another schema is refused with a clear message.
    #[derive(Deserialize)]
    struct Versioned {
        schema: u32,
    }
    let bad = |error: serde_json::Error| unusable(path, &error.to_string(), command);
    let written = fs::read(path).map_err(|error| unreadable(path, &error))?;
    match serde_json::from_slice(&written).map_err(bad)? {
        Versioned { schema: SCHEMA } => serde_json::from_slice(&written).map_err(bad),
        Versioned { schema } => {
            let why = format!("it has schema {schema}, and this program reads schema {SCHEMA}");
            Err(unusable(path, &why, command))
        }
    }
}

fn unusable(path: &Path, why: &str, command: &str) -> UsageError {
    UsageError(format!("{} cannot be used: {why}. `{command}` writes a new one", path.display()))
}

fn unreadable(path: &Path, error: &io::Error) -> UsageError {
    UsageError(format!("{} cannot be read: {error}", path.display()))
}

/// The entries of a folder, sorted by name.
pub struct Entries {
    /// The regular files, with their names.
    pub files: Vec<(String, PathBuf)>,
    /// The names of the others, such as folders, pipes and links that lead nowhere.
    pub others: Vec<String>,
}

/// The entries of a folder.
pub fn entries(path: &Path) -> Result<Entries, UsageError> {
    let (mut files, mut others) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(path).map_err(|error| unreadable(path, &error))? {
        let path = entry.map_err(|error| unreadable(path, &error))?.path();
        let name = path.file_name().unwrap_or(OsStr::new("?")).to_string_lossy().into_owned();
        match path.is_file() {
            true => files.push((name, path)),
            false => others.push(name),
        }
    }
    files.sort();
    others.sort();
    Ok(Entries { files, others })
}

/// The files of a folder with scripts, sorted by name.
pub fn files(path: &Path) -> Result<Vec<(String, Vec<u8>)>, UsageError> {
    read_files(entries(path)?.files)
}

fn read_files(files: Vec<(String, PathBuf)>) -> Result<Vec<(String, Vec<u8>)>, UsageError> {
    let read = |(name, path): (String, PathBuf)| {
        let file = File::open(&path).map_err(|error| unreadable(&path, &error))?;
        Ok((name, bounded(&path.to_string_lossy(), file)?))
    };
    files.into_iter().map(read).collect()
}

/// The files of a corpus folder, sorted by name, with a note about entries that are no files. Without a folder, the
/// suite's own corpus. A folder that was given must have files, and all of them are read.
///
/// # Errors
///
/// If the folder cannot be read, has no files, or has more than a run can hold.
pub fn corpus(folder: Option<&Path>) -> Result<(Corpus, Option<String>), UsageError> {
    let Some(path) = folder else {
        return Ok((corpora::CLASSIFY.iter().map(|(name, bytes)| ((*name).into(), bytes.to_vec())).collect(), None));
    };
    let Entries { files, others } = entries(path)?;
    let shown = path.display();
    if files.is_empty() {
        return Err(UsageError(format!("{shown} has no files: it should have scripts, as `corpus/classify` does")));
    }
    let size: u64 = files.iter().filter_map(|(_, path)| fs::metadata(path).ok()).map(|file| file.len()).sum();
    if size > LARGEST_CORPUS {
        let why = format!("a run takes at most {LARGEST_CORPUS} bytes of corpus files; play it in parts");
        return Err(UsageError(format!("{shown} has files of {size} bytes: {why}")));
    }
    let skipped = count(others.len() as u64, "name");
    let note = format!("skipped {skipped} in {shown}, because only regular files are played: {}", some(&others));
    Ok((read_files(files)?, Some(note).filter(|_| !others.is_empty())))
}

/// Corpus files: the name and the bytes of each.
pub type Corpus = Vec<(String, Vec<u8>)>;

/// The first of these names, and how many more there are.
fn some(names: &[String]) -> String {
    const SHOWN: usize = 10;
    let shown = names[..names.len().min(SHOWN)].join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
