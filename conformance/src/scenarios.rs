//! Scenarios: named scripts with the outcome that RFC 9113 requires.
//!
//! Scenarios are TOML: one file per theme, one table per scenario. [`THEMES`] lists the files. Expectations are written
//! from the RFC. If a stack does not meet one, the scenario's `but` says why. It fails as stale once the stack does.

use crate::{
    classifiers::Advice,
    http2::FrameType,
    script::{
        Request, Script,
        text::{self, StepText, inline},
    },
    stacks::Profile,
    vocabulary::Processed,
};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, IntoDeserializer, SeqAccess, Visitor, value::SeqAccessDeserializer},
};
use std::{
    collections::HashSet,
    fmt,
    marker::PhantomData,
    path::{Path, PathBuf},
};

macro_rules! themes {
    ($($theme:ident)*) => {
        /// The files of the suite's own scenarios: the name and the text of each theme.
        pub const THEMES: &[(&str, &str)] =
            &[$((stringify!($theme), include_str!(concat!("../scenarios/", stringify!($theme), ".toml")))),*];
    };
}

themes! {
    goaway
    rst_stream
    settings
    head
    body
    flow_control
    floods
    padding_and_continuation
    push_and_unknown
    states
    connection_loss
    malformed_frames
    garbage
    application
    reading
    connections
    tunnels
}

/// A named script and its expected outcome.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Where it comes from.
    pub origin: Origin,
    /// The theme: the name of the file.
    pub theme: String,
    /// The name, unique in the file and in the suite. By default, the file's name and the scenario's number in it.
    pub name: String,
    /// What happens, and why the outcome is as expected.
    pub about: String,
    /// The sections of RFC 9113 that decide the outcome. Sections of other documents have the document's name.
    pub rfc: Vec<String>,
    /// The public issues that report this case.
    pub seen: Vec<String>,
    /// The script.
    pub script: Script,
    /// The outcome of each request by RFC 9113; empty if nothing is expected.
    pub expect: Vec<Expectation>,
    /// The settings of the stacks that `expect` depends on; `None` if it holds with all settings.
    pub settings: Option<Profile>,
    /// The requests for which a stack does not meet the expectation, and why.
    pub but: Vec<But>,
}

/// Where a scenario comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// The suite itself. The model agrees with its expectations.
    Suite,
    /// This file.
    File(PathBuf),
    /// A text.
    #[default]
    Text,
}

impl Scenario {
    /// Its keys in the form of a scenario file, without its name and what only describes it.
    pub fn to_toml(&self) -> String {
        let keys = [
            (!self.expect.is_empty()).then(|| format!("expect = {}\n", inline(&self.expect))),
            self.settings.map(|settings| format!("settings = {}\n", inline(&settings.name()))),
            (!self.but.is_empty()).then(|| format!("but = {}\n", inline(&self.but))),
        ];
        keys.into_iter().flatten().chain([self.script.to_toml()]).collect()
    }

    /// Whether only the laws apply to stacks with these settings, because `expect` depends on other settings.
    pub fn is_held_to_laws_only(&self, profile: Profile) -> bool {
        self.settings.is_some_and(|settings| settings != profile)
    }
}

/// Why a stack does not meet the expectation for a request.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct But {
    /// The number of the request.
    pub request: usize,
    /// What the stack does wrong, or what information is lost, and where.
    pub because: String,
}

/// The outcome of one request by RFC 9113.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// Whether the peer acted on the request; several values if the RFC leaves a choice.
    #[serde(deserialize_with = "one_or_more", serialize_with = "one_or_list")]
    pub processed: Vec<Processed>,
    /// Whether the whole response arrived.
    #[serde(default, skip_serializing_if = "is_false")]
    pub complete: bool,
    /// What to do after the request's error; several values if the RFC leaves a choice. A request with neither
    /// `complete` nor `advice` may stay open.
    #[serde(
        default,
        deserialize_with = "one_or_more",
        serialize_with = "one_or_list",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub advice: Vec<Advice>,
    /// Whether the RFC leaves open how the request ends. If so, only `processed` is checked.
    #[serde(default, skip_serializing_if = "is_false")]
    pub choice: bool,
    /// The types of frames that the client has to send on the request's stream, in this order. Others may lie between
    /// them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sent: Vec<FrameType>,
}

/// Why a file of scenarios cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Invalid {
    /// This file is not TOML, or the TOML is not a valid scenario file. The message names the line.
    #[error("{0}: {1}")]
    Toml(String, toml::de::Error),
    /// This file has two scenarios of this name.
    #[error("{0}: there are two scenarios named `{1}`")]
    Twice(String, String),
    /// The numbers of expectations and requests differ.
    #[error("{file}: scenario `{name}`: the numbers of requests ({requests}) and expectations ({expectations}) differ")]
    Uneven {
        /// The file.
        file: String,
        /// The scenario.
        name: String,
        /// The number of requests in the script.
        requests: usize,
        /// The number of expectations in `expect`.
        expectations: usize,
    },
    /// A `but` is for a request that there is not.
    #[error("{file}: scenario `{name}`: `but` names request {request}, but the {requests} are counted from 0")]
    NoRequest {
        /// The file.
        file: String,
        /// The scenario.
        name: String,
        /// The number that `but` names.
        request: usize,
        /// The number of requests in the script.
        requests: usize,
    },
    /// A response is expected both to be complete and to end in an error.
    #[error("{file}: scenario `{name}`: `complete` and `advice` exclude each other")]
    CompleteWithAdvice {
        /// The file.
        file: String,
        /// The scenario.
        name: String,
    },
    /// This file has no scenarios.
    #[error("{0}: the file has no [[scenario]]")]
    Empty(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    scenario: Vec<Table>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Table {
    #[serde(deserialize_with = "words")]
    name: String,
    about: String,
    rfc: Vec<String>,
    seen: Vec<String>,
    requests: Vec<Request>,
    expect: Vec<Expectation>,
    settings: Option<SettingsText>,
    steps: Vec<StepText>,
    but: Vec<But>,
}

/// The settings that a scenario can depend on. A stack's defaults are none of them: they change between releases.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SettingsText {
    Equal,
}

/// A value, or a list of values that is not empty.
fn one_or_more<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    struct OneOrMore<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrMore<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a word or a list of words")
        }

        fn visit_str<E: Error>(self, word: &str) -> Result<Vec<T>, E> {
            T::deserialize(word.into_deserializer()).map(|one| vec![one])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Vec<T>, A::Error> {
            let more = Vec::deserialize(SeqAccessDeserializer::new(list))?;
            if more.is_empty() { Err(A::Error::custom("the list is empty")) } else { Ok(more) }
        }
    }

    deserializer.deserialize_any(OneOrMore(PhantomData))
}

/// A name: lower-case words joined by hyphens.
fn words<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    match name.split('-').all(is_word) {
        true => Ok(name),
        false => Err(D::Error::custom(format!("`{name}` is no name: a name is lower-case words joined by hyphens"))),
    }
}

fn one_or_list<S: Serializer, T: Serialize>(values: &[T], serializer: S) -> Result<S::Ok, S::Error> {
    match values {
        [one] => one.serialize(serializer),
        more => more.serialize(serializer),
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

/// Parses the scenarios of one file. `theme` names the file in messages and scenarios.
///
/// # Errors
///
/// If the text is not a valid scenario file, if two scenarios have the same name, if a scenario has expectations for
/// some requests but not for all or contradicts itself, or if there is no scenario.
pub fn parse(theme: &str, text: &str) -> Result<Vec<Scenario>, Invalid> {
    let file = || theme.to_owned();
    let tables = toml::from_str::<File>(text).map_err(|error| Invalid::Toml(file(), error))?.scenario;
    if tables.is_empty() {
        return Err(Invalid::Empty(file()));
    }
    let mut names = HashSet::new();
    let mut scenarios = Vec::with_capacity(tables.len());
    for (index, table) in tables.into_iter().enumerate() {
        let Table { mut name, about, rfc, seen, requests, expect, settings, steps, but } = table;
        if name.is_empty() {
            let base = Path::new(theme).file_name().map_or_else(|| theme.into(), |name| name.to_string_lossy());
            name = format!("{base}, scenario {}", index + 1);
        }
        let script = text::script(requests, steps);
        let (requests, expectations) = (script.requests().count(), expect.len());
        if !names.insert(name.clone()) {
            return Err(Invalid::Twice(file(), name));
        }
        if expectations > 0 && expectations != requests {
            return Err(Invalid::Uneven { file: file(), name, requests, expectations });
        }
        if let Some(But { request, .. }) = but.iter().find(|but| but.request >= requests) {
            return Err(Invalid::NoRequest { file: file(), name, request: *request, requests });
        }
        if expect.iter().any(|expected| expected.complete && !expected.advice.is_empty()) {
            return Err(Invalid::CompleteWithAdvice { file: file(), name });
        }
        let settings = settings.map(|SettingsText::Equal| Profile::Equal);
        let origin = Origin::default();
        scenarios.push(Scenario { origin, theme: file(), name, about, rfc, seen, script, expect, settings, but });
    }
    Ok(scenarios)
}

/// The suite's own scenarios, in the order of [`THEMES`].
///
/// # Errors
///
/// If a file of the suite is not valid, or if two files have a scenario of the same name. Reports the first problem.
pub fn built_in() -> Result<Vec<Scenario>, Invalid> {
    let themes = THEMES.iter().map(|(theme, text)| parse(theme, text));
    let scenarios = themes.collect::<Result<Vec<_>, _>>()?.into_iter().flatten();
    let scenarios: Vec<_> = scenarios.map(|scenario| Scenario { origin: Origin::Suite, ..scenario }).collect();
    let mut names = HashSet::new();
    match scenarios.iter().find(|scenario| !names.insert(&scenario.name)) {
        Some(twice) => Err(Invalid::Twice(twice.theme.clone(), twice.name.clone())),
        None => Ok(scenarios),
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "processed {}", alternatives(&self.processed))?;
        match (self.complete, &self.advice[..], self.choice) {
            (_, _, true) => f.write_str(", may end in any way"),
            (true, ..) => f.write_str(", complete"),
            (_, [], _) => f.write_str(", open"),
            (_, advice, _) => write!(f, ", {}", alternatives(advice)),
        }
    }
}

/// These values with "or" between them.
pub(crate) fn alternatives(values: &[impl fmt::Display]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}
