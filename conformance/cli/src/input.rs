//! Reads the arguments of commands: scenarios, scripts, error chains and bytes of clients, by name, from a file or as
//! hex.

use super::UsageError;
use conformance::{
    error_chains::ErrorChain,
    fuzz::{is_added, sent_by_a_server},
    ledger::LEDGER,
    report::{Run, SCHEMA},
    scenarios::{self, Origin, Scenario},
    script::{Script, text::from_hex},
    servers::{ClientBytes, ledger as server_ledger},
    stacks::Profile,
};
use serde::{Deserialize, de::DeserializeOwned};
use std::{
    ffi::OsStr,
    fs,
    io::{self, Read},
    path::Path,
};

/// The corpus that comes with the suite.
const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../corpus/classify");

/// The corpus of the fuzz target `server`.
const SERVER_CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../corpus/server");

/// The bytes that a client sends to a server, with a name for them: a known divergence of the servers, a file, `-`, or
/// `hex:` and bytes.
fn client(what: &str) -> Result<(String, ClientBytes), UsageError> {
    if let Some(bytes) = hex_bytes(what)? {
        return Ok(("client".into(), ClientBytes::new(&bytes)));
    }
    let shown = server_ledger::LEDGER.iter().find(|entry| entry.name == what);
    let file = shown.map(|entry| Path::new(SERVER_CORPUS).join(entry.scenario).to_string_lossy().into_owned());
    let read = read(file.as_deref().unwrap_or(what), || {
        let near = near(what, divergences_of_servers());
        UsageError(format!(
            "`{what}` is neither a known divergence of the servers nor a file.{near} `conformance list` shows all names."
        ))
    })?;
    let (name, bytes) = not_empty(read, "the bytes that a client sends to a server")?;
    Ok((shown.map_or(name, |entry| entry.name.to_owned()), ClientBytes::new(&bytes)))
}

fn divergences_of_servers() -> impl Iterator<Item = String> {
    server_ledger::LEDGER.iter().map(|entry| format!("server:{}", entry.name))
}

/// What an argument names.
pub enum Found {
    /// An error chain.
    ErrorChain(ErrorChain),
    /// The bytes that a client sends to a server, with a name for them.
    Client(String, ClientBytes),
    /// Scenarios of this suite or of a file.
    Scenarios(Vec<Scenario>),
    /// A script, with its name.
    Script(String, Script),
}

/// Finds the case for `explain` or `minimize`: a scenario by its name or by the divergence that it shows, a file, `-`,
/// bytes after `hex:` or `wire:`, the bytes of a client after `server:`, or an error chain after `chain:`.
///
/// # Errors
///
/// If there is no such case, or if `--profile` was given with an error chain.
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
    let scenarios = scenarios::built_in()?;
    let named = |name: &str| scenarios.iter().find(|scenario| scenario.name == name);
    let shows = || LEDGER.iter().find(|entry| entry.name == what).and_then(|entry| named(entry.scenario));
    if let Some(scenario) = named(what).or_else(shows) {
        return Ok(Found::Scenarios(vec![scenario.clone()]));
    }
    let read = read(what, || {
        let names = scenarios.iter().map(|scenario| scenario.name.clone());
        let names = names.chain(LEDGER.iter().map(|entry| entry.name.to_owned()));
        let near = near(what, names.chain(divergences_of_servers()));
        UsageError(format!(
            "`{what}` is not a scenario, a known divergence or a file.{near} `conformance list` shows all names."
        ))
    })?;
    let (name, bytes) = not_empty(read, "scenarios as TOML, or the bytes of a script")?;
    // Any bytes are a script. A file is TOML if its name ends in `.toml`, or if it has a scenario.
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
        None => Ok(Found::Script(name, Script::decode(bytes))),
    }
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
        let mut bytes = Vec::new();
        let read = io::stdin().read_to_end(&mut bytes);
        read.map_err(|error| UsageError(format!("standard input cannot be read: {error}")))?;
        return Ok(("standard input".into(), bytes));
    }
    fs::read(what).map(|bytes| (what.to_owned(), bytes)).map_err(|error| {
        if error.kind() != io::ErrorKind::NotFound {
            return UsageError(format!("{what} cannot be read: {error}"));
        }
        missing()
    })
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

/// The files of a folder, sorted by name. Files that a fuzzer added are left out unless `added` is set.
pub fn files(path: &Path, added: bool) -> Result<Vec<(String, Vec<u8>)>, UsageError> {
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(|error| unreadable(path, &error))? {
        let path = entry.map_err(|error| unreadable(path, &error))?.path();
        let name = path.file_name().unwrap_or(OsStr::new("?")).to_string_lossy().into_owned();
        if path.is_file() && (added || !is_added(&name)) {
            files.push((name, fs::read(&path).map_err(|error| unreadable(&path, &error))?));
        }
    }
    files.sort();
    Ok(files)
}

/// The files of a corpus folder, sorted by name. Without a folder, the suite's own corpus: it may be missing, and
/// files that a fuzzer added are left out. A folder that was given must have files, and all of them are read.
pub fn corpus(folder: Option<&Path>) -> Result<Vec<(String, Vec<u8>)>, UsageError> {
    let path = folder.unwrap_or(Path::new(CORPUS));
    if folder.is_none() && !path.exists() {
        return Ok(Vec::new());
    }
    let files = files(path, folder.is_some())?;
    if files.is_empty() && folder.is_some() {
        let path = path.display();
        return Err(UsageError(format!("{path} has no files: it should have scripts, as `corpus/classify` does")));
    }
    Ok(files)
}
