//! Scenarios: named scripts with what RFC 9113 makes of them.
//!
//! They stand in TOML, one file a theme, one table a scenario; [`THEMES`] lists the files. What a scenario expects was
//! written from the RFC. Where a stack does not give it, the scenario says why not (`but`), and fails as stale once it does.

use crate::{
    classifiers::{Advice, Processed},
    script::{
        Script,
        text::{RequestText, ScriptText, StepText},
    },
    stacks::Profile,
};
use serde::Deserialize;
use std::{collections::HashSet, path::Path};

macro_rules! themes {
    ($($theme:ident)*) => {
        /// The files of the suite's own scenarios: the name of each theme, and its text.
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
}

/// A named script, and what is to become of it.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The theme that it belongs to: the name of its file.
    pub theme: String,
    /// Its name, unique in its file and in the suite. One that has none is named by its file and its number there.
    pub name: String,
    /// What happens in it, and why that ends as expected.
    pub about: String,
    /// The sections of RFC 9113 that decide; those of other documents with their name.
    pub rfc: Vec<String>,
    /// The public issues that it was seen in.
    pub seen: Vec<String>,
    /// The script.
    pub script: Script,
    /// What RFC 9113 makes of each request; empty if nothing is expected.
    pub expect: Vec<Expectation>,
    /// The settings of the stacks that `expect` depends on; none if it holds on any.
    pub settings: Option<Profile>,
    /// Where the stacks do not give what is expected, and why.
    pub but: Vec<But>,
}

impl Scenario {
    /// Whether stacks with these settings are held to the laws only, because what is expected depends on others.
    pub fn is_held_to_laws_only(&self, profile: Profile) -> bool {
        self.settings.is_some_and(|settings| settings != profile)
    }
}

/// Why a stack does not give a request what is expected.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct But {
    /// The number of the request.
    pub request: usize,
    /// What the stack does wrong or what information is lost, and where.
    pub because: String,
}

/// What RFC 9113 makes of one request.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// Whether the peer acted on it; several where the RFC leaves a choice.
    #[serde(deserialize_with = "one_or_more")]
    pub processed: Vec<Processed>,
    /// Whether the whole response arrived.
    #[serde(default)]
    pub complete: bool,
    /// What to do after the error that it ends in. Neither complete nor advice: it legitimately stays open.
    #[serde(default)]
    pub advice: Option<Advice>,
    /// The RFC leaves open how the request ends; only `processed` binds.
    #[serde(default)]
    pub choice: bool,
}

/// Why a file of scenarios cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Invalid {
    /// It is not TOML, or not TOML of this form. The message names the line.
    #[error("{file}: {error}")]
    Toml {
        /// The file.
        file: String,
        /// What is wrong, and where.
        error: toml::de::Error,
    },
    /// Two scenarios have one name.
    #[error("{file}: there are two scenarios named `{name}`")]
    Twice {
        /// The file.
        file: String,
        /// The name.
        name: String,
    },
    /// The expectations do not fit the requests.
    #[error("{file}: scenario `{name}`: the number of requests is {requests}, and that of expectations {expectations}")]
    Uneven {
        /// The file.
        file: String,
        /// The scenario.
        name: String,
        /// How many requests its script issues.
        requests: usize,
        /// How many `expect` has.
        expectations: usize,
    },
    /// There is nothing in it.
    #[error("{file}: there is no [[scenario]] in it")]
    Empty {
        /// The file.
        file: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    scenario: Vec<Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default)]
    name: String,
    #[serde(default)]
    about: String,
    #[serde(default)]
    rfc: Vec<String>,
    #[serde(default)]
    seen: Vec<String>,
    #[serde(default)]
    requests: Vec<RequestText>,
    #[serde(default)]
    expect: Vec<Expectation>,
    #[serde(default)]
    settings: Option<SettingsText>,
    #[serde(default)]
    steps: Vec<StepText>,
    #[serde(default)]
    but: Vec<But>,
}

/// The settings that can be depended on: what a stack comes with changes with its releases.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SettingsText {
    Equal,
}

fn one_or_more<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Processed>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "`processed` is \"No\", \"Maybe\" or \"Yes\", or a list of these")]
    enum OneOrMore {
        One(Processed),
        More(Vec<Processed>),
    }
    Ok(match OneOrMore::deserialize(deserializer)? {
        OneOrMore::One(processed) => vec![processed],
        OneOrMore::More(processed) => processed,
    })
}

/// The scenarios of one file. `theme` names the file in messages and scenarios.
///
/// # Errors
///
/// If the text is not TOML of this form; if two names are the same; if a scenario expects something, but not of every
/// request; if there is no scenario at all.
pub fn parse(theme: &str, text: &str) -> Result<Vec<Scenario>, Invalid> {
    let file = || theme.to_owned();
    let tables = toml::from_str::<File>(text).map_err(|error| Invalid::Toml { file: file(), error })?.scenario;
    if tables.is_empty() {
        return Err(Invalid::Empty { file: file() });
    }
    let mut names = HashSet::new();
    let mut scenarios = Vec::with_capacity(tables.len());
    for (index, mut table) in tables.into_iter().enumerate() {
        if table.name.is_empty() {
            let name = Path::new(theme).file_name().map_or_else(|| theme.into(), |name| name.to_string_lossy());
            table.name = format!("{name}, scenario {}", index + 1);
        }
        let script = Script::from(ScriptText { requests: table.requests, steps: table.steps });
        let (requests, expectations) = (script.requests().count(), table.expect.len());
        if !names.insert(table.name.clone()) {
            return Err(Invalid::Twice { file: file(), name: table.name });
        }
        if expectations > 0 && expectations != requests {
            return Err(Invalid::Uneven { file: file(), name: table.name, requests, expectations });
        }
        scenarios.push(Scenario {
            theme: file(),
            name: table.name,
            about: table.about,
            rfc: table.rfc,
            seen: table.seen,
            script,
            expect: table.expect,
            settings: table.settings.map(|SettingsText::Equal| Profile::Equal),
            but: table.but,
        });
    }
    Ok(scenarios)
}

/// The suite's own scenarios, theme by theme.
///
/// # Errors
///
/// If a file of the suite is not valid: the first that is not.
pub fn built_in() -> Result<Vec<Scenario>, Invalid> {
    let themes = THEMES.iter().map(|(theme, text)| parse(theme, text));
    let scenarios: Vec<Scenario> = themes.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
    let mut names = HashSet::new();
    match scenarios.iter().find(|scenario| !names.insert(&scenario.name)) {
        Some(twice) => Err(Invalid::Twice { file: twice.theme.clone(), name: twice.name.clone() }),
        None => Ok(scenarios),
    }
}

impl std::fmt::Display for Expectation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let processed: Vec<_> = self.processed.iter().map(ToString::to_string).collect();
        write!(f, "processed {}", processed.join(" or "))?;
        match (self.complete, self.advice, self.choice) {
            (_, _, true) => f.write_str(", and how it ends is left open"),
            (true, ..) => f.write_str(", complete"),
            (_, Some(advice), _) => write!(f, ", {advice}"),
            _ => f.write_str(", open"),
        }
    }
}
