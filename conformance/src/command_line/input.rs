//! What a command was asked for: scenarios, scripts, error plans and clients, by their names or from somewhere.

use super::BadUse;
use conformance::{
    fuzz::is_added,
    ledger::LEDGER,
    plans::{ErrorPlan, PlanError},
    report::{SCHEMA, news::Gist},
    scenario::{self, Scenario},
    script::{Script, text::from_hex},
    servers::{ClientBytes, ledger as server_ledger},
};
use std::{
    ffi::OsStr,
    fs,
    io::{self, Read},
    path::Path,
};

/// The corpus that comes with the suite.
const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../corpus/classify");

/// The corpus of the fuzz target `server`.
const SERVER_CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../corpus/server");

/// The error plan that `what` is, if it is one.
pub(crate) fn plan(what: &str, has_profile: bool) -> Result<Option<ErrorPlan>, BadUse> {
    let Some(plan) = what.strip_prefix("plan:") else { return Ok(None) };
    if has_profile {
        return Err(BadUse("an error plan is played without a connection: it takes no `--profile`".into()));
    }
    plan.parse().map(Some).map_err(|error: PlanError| BadUse(error.to_string()))
}

/// What a client sends to a server, with its name, if `what` is that: the name of a known divergence, else bytes from
/// somewhere.
pub(crate) fn client(what: &str) -> Result<Option<(String, ClientBytes)>, BadUse> {
    let Some(what) = what.strip_prefix("server:") else { return Ok(None) };
    if let Some(bytes) = hex_bytes(what)? {
        return Ok(Some(("client".into(), ClientBytes::new(&bytes))));
    }
    let shown = server_ledger::LEDGER.iter().find(|entry| entry.name == what);
    let file = shown.map(|entry| Path::new(SERVER_CORPUS).join(entry.scenario).to_string_lossy().into_owned());
    let (name, bytes) = read(file.as_deref().unwrap_or(what), || {
        BadUse(format!(
            "`{what}` is no known divergence of the servers and no file. `conformance list` shows all names."
        ))
    })?;
    Ok(Some((shown.map_or(name, |entry| entry.name.to_owned()), ClientBytes::new(&bytes))))
}

pub(crate) enum Found {
    Scenarios(Vec<Scenario>),
    Script(String, Script),
}

/// What `explain` or `minimize` was asked for: a scenario by its name or that of the divergence that it shows, else bytes from somewhere.
pub(crate) fn find(what: &str) -> Result<Found, BadUse> {
    if let Some(bytes) = hex_bytes(what)? {
        if bytes.is_empty() {
            return Err(BadUse("nothing stands after `hex:`: it should be the bytes of a script".into()));
        }
        return Ok(Found::Script("script".into(), Script::decode(bytes)));
    }
    let scenarios = built_in()?;
    let named = |name: &str| scenarios.iter().find(|scenario| scenario.name == name);
    let shows = || LEDGER.iter().find(|entry| entry.name == what).and_then(|entry| named(entry.scenario));
    if let Some(scenario) = named(what).or_else(shows) {
        return Ok(Found::Scenarios(vec![scenario.clone()]));
    }
    let (name, bytes) = read(what, || {
        let near = near(what, &scenarios).map_or(String::new(), |name| format!(" Did you mean `{name}`?"));
        BadUse(format!(
            "`{what}` is no scenario, no known divergence and no file.{near} `conformance list` shows all names."
        ))
    })?;
    if bytes.is_empty() {
        return Err(BadUse(format!("{name} is empty: it should hold scenarios as TOML, or the bytes of a script")));
    }
    // Anything can be the bytes of a script. A file is TOML if it is called so, or if a scenario stands in it.
    let is_toml = |text: &&str| what.ends_with(".toml") || text.contains("[[scenario");
    match std::str::from_utf8(&bytes).ok().filter(is_toml) {
        Some(text) => scenario::parse(&name, text).map(Found::Scenarios).map_err(|error| BadUse(error.to_string())),
        None if what.ends_with(".toml") => Err(BadUse(format!("{name} is not UTF-8, so it is not TOML"))),
        None => Ok(Found::Script(name, Script::decode(bytes))),
    }
}

/// The bytes after `hex:`, if they are given so.
pub(crate) fn hex_bytes(what: &str) -> Result<Option<Vec<u8>>, BadUse> {
    let Some(hex) = what.strip_prefix("hex:") else { return Ok(None) };
    from_hex(hex).map(Some).ok_or_else(|| BadUse("`hex:` needs pairs of hexadecimal digits".into()))
}

/// The bytes of a file, or of standard input, with its name.
pub(crate) fn read(what: &str, missing: impl FnOnce() -> BadUse) -> Result<(String, Vec<u8>), BadUse> {
    if what == "-" {
        let mut bytes = Vec::new();
        let read = io::stdin().read_to_end(&mut bytes);
        read.map_err(|error| BadUse(format!("standard input cannot be read: {error}")))?;
        return Ok(("standard input".into(), bytes));
    }
    fs::read(what).map(|bytes| (what.to_owned(), bytes)).map_err(|error| {
        if error.kind() != io::ErrorKind::NotFound {
            return BadUse(format!("{what} cannot be read: {error}"));
        }
        missing()
    })
}

/// The name of a scenario or known divergence that shares most of its words with `what`.
pub(crate) fn near<'s>(what: &str, scenarios: &'s [Scenario]) -> Option<&'s str> {
    let shared = |name: &str| what.split('-').filter(|word| name.split('-').any(|other| other == *word)).count();
    let names = scenarios.iter().map(|scenario| scenario.name.as_str()).chain(LEDGER.iter().map(|entry| entry.name));
    let best = names.max_by_key(|name| (shared(name), std::cmp::Reverse(name.len())))?;
    (shared(best) > 0).then_some(best)
}

pub(crate) fn built_in() -> Result<Vec<Scenario>, BadUse> {
    scenario::built_in().map_err(|error| BadUse(error.to_string()))
}

/// What is compared of an earlier run, from the file that its `--json` wrote.
pub(crate) fn baseline(path: &Path) -> Result<Gist, BadUse> {
    let bad = |why: String| {
        BadUse(format!("{} is no run to compare with: {why}. `conformance --json=FILE` writes one", path.display()))
    };
    let written = fs::read(path).map_err(|error| BadUse(format!("{} cannot be read: {error}", path.display())))?;
    let gist: Gist = serde_json::from_slice(&written).map_err(|error| bad(error.to_string()))?;
    match gist.schema {
        SCHEMA => Ok(gist),
        other => Err(bad(format!("it has schema {other}, and this program reads {SCHEMA}"))),
    }
}

/// The files of a folder, by name. What a fuzzer has added is left out unless `added` is asked for.
pub(crate) fn files(path: &Path, added: bool) -> Result<Vec<(String, Vec<u8>)>, BadUse> {
    let unreadable = |path: &Path, error: io::Error| BadUse(format!("{} cannot be read: {error}", path.display()));
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(|error| unreadable(path, error))? {
        let path = entry.map_err(|error| unreadable(path, error))?.path();
        let name = path.file_name().unwrap_or(OsStr::new("?")).to_string_lossy().into_owned();
        if path.is_file() && (added || !is_added(&name)) {
            files.push((name, fs::read(&path).map_err(|error| unreadable(&path, error))?));
        }
    }
    files.sort();
    Ok(files)
}

/// The files of a corpus folder, by name. The suite's own may be missing, and what a fuzzer has added to it is left out; one
/// that was asked for is there, with all its files.
pub(crate) fn corpus(folder: Option<&Path>) -> Result<Vec<(String, Vec<u8>)>, BadUse> {
    let path = folder.unwrap_or(Path::new(CORPUS));
    if folder.is_none() && !path.exists() {
        return Ok(Vec::new());
    }
    files(path, folder.is_some())
}
