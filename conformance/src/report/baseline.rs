//! What is new in a run since an earlier one.
//!
//! Both are read from what `--json` writes, as far as this needs it. What the earlier one does not have, because an older
//! suite wrote it, counts as not known, and nothing is called new because of that.

use super::is_whole;
use crate::{
    oracles::Law,
    outcome::Kind,
    vocabulary::{PerStack, Phase, StackName},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// What of a run is compared with another.
#[derive(Clone, Debug, Deserialize)]
pub struct Gist {
    /// The version of the JSON form.
    pub schema: u32,
    /// The settings of the stacks: `equal` or `defaults`.
    pub profile: String,
    /// The seed of what was generated.
    pub seed: u64,
    /// How many scripts were generated.
    pub generated: u64,
    /// Whether it was ended before all was played.
    #[serde(default)]
    pub interrupted: bool,
    /// Every crate of its lock file.
    #[serde(default)]
    pub locked: Vec<Locked>,
    themes: Vec<GistTheme>,
    violations: Vec<GistFound>,
    broken_error_chains: Vec<GistPlan>,
    broken_transformations: Vec<GistChange>,
    clauses: Vec<GistClause>,
    #[serde(default)]
    clients: Vec<GistClient>,
}

/// A crate of a lock file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Locked {
    /// Its name.
    pub name: String,
    /// Its version, and where it is from if that is no registry.
    pub version: String,
}

#[derive(Clone, Debug, Deserialize)]
struct GistTheme {
    scenarios: Vec<GistScenario>,
}

#[derive(Clone, Debug, Deserialize)]
struct GistScenario {
    name: String,
    case: Option<GistCase>,
}

#[derive(Clone, Debug, Deserialize)]
struct GistCase {
    #[serde(flatten)]
    sides: PerStack<GistSide>,
}

#[derive(Clone, Debug, Deserialize)]
struct GistSide {
    requests: Vec<GistRequest>,
}

#[derive(Clone, Debug, Deserialize)]
struct GistRequest {
    phase: Phase,
    kind: Kind,
    status: Option<u16>,
    body_bytes: usize,
    verdict: Option<GistVerdict>,
}

#[derive(Clone, Debug, Deserialize)]
struct GistVerdict {
    processed: String,
    advice: String,
}

#[derive(Clone, Debug, Deserialize)]
struct GistFound {
    cases: u64,
    #[serde(default)]
    like: String,
    #[serde(default)]
    told: String,
    smallest: GistSmallest,
}

#[derive(Clone, Debug, Deserialize)]
struct GistSmallest {
    replay: String,
}

#[derive(Clone, Debug, Deserialize)]
struct GistPlan {
    error_chains: u64,
    smallest: String,
    stack: StackName,
    law: Law,
    message: String,
    replay: String,
}

#[derive(Clone, Debug, Deserialize)]
struct GistChange {
    change: String,
    rfc: String,
    scripts: u64,
    message: String,
    before: String,
    after: String,
}

#[derive(Clone, Debug, Deserialize)]
struct GistClause {
    name: String,
    section: String,
    required: bool,
    scenarios: Vec<String>,
    scripts: u64,
}

#[derive(Clone, Debug, Deserialize)]
struct GistClient {
    name: String,
    scenarios: Vec<GistClientScenario>,
}

#[derive(Clone, Debug, Deserialize)]
struct GistClientScenario {
    name: String,
    wrong: Vec<GistWrong>,
}

#[derive(Clone, Debug, Deserialize)]
struct GistWrong {
    law: Law,
    request: usize,
    message: String,
}

/// Something of a run that nothing explains, in the form in which it is told to those who did not see the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is known by from one run to the next: equal for what is alike.
    pub id: String,
    /// How many cases of the run show it.
    pub cases: u64,
    /// All that there is to say of the smallest of them.
    pub told: String,
    /// The command that plays that again.
    pub replay: String,
}

/// What is new in a run since an earlier one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BaselineDiff {
    /// The crates of which the lock file has another version.
    pub moved: Vec<Moved>,
    /// The findings that the earlier run did not have, by what they are known by.
    pub found: Vec<String>,
    /// The findings that only the earlier run had.
    pub gone: Vec<String>,
    /// The scenarios that come to something else on a stack.
    pub turned: Vec<Turned>,
    /// What clients do that a law calls wrong, and did not do in the earlier run.
    pub wrong: Vec<ClientChange>,
    /// What they did then, and do no more.
    pub righted: Vec<ClientChange>,
}

/// What a client does in a scenario that a law calls wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ClientChange {
    /// The name of the client.
    pub client: String,
    /// The name of the scenario.
    pub scenario: String,
    /// What is wrong: the request, the law, and the message.
    pub what: String,
}

impl fmt::Display for ClientChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}: {}", self.client, self.scenario, self.what)
    }
}

/// A crate of which the lock file has another version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// Its name.
    pub name: String,
    /// The version before; none if it was not there.
    pub before: Option<String>,
    /// The version now; none if it is not there.
    pub after: Option<String>,
}

/// A scenario that comes to something else on a stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Turned {
    /// The name of the scenario.
    pub scenario: String,
    /// The stack.
    pub stack: StackName,
    /// What each request came to before.
    pub before: Vec<String>,
    /// What each comes to now.
    pub after: Vec<String>,
}

impl BaselineDiff {
    /// What is new in a run since another.
    pub fn between(before: &Gist, after: &Gist) -> BaselineDiff {
        let ids = |gist: &Gist| gist.findings().into_iter().map(|finding| finding.id).collect::<BTreeSet<_>>();
        let (found_before, found_after) = (ids(before), ids(after));
        let wrong = |gist: &Gist, other: &Gist| {
            gist.wrong().filter(|wrong| other.has_played(&wrong.client, &wrong.scenario)).collect::<BTreeSet<_>>()
        };
        let (wrong_before, wrong_after) = (wrong(before, after), wrong(after, before));
        BaselineDiff {
            moved: moved(&before.locked, &after.locked),
            found: found_after.difference(&found_before).cloned().collect(),
            gone: found_before.difference(&found_after).cloned().collect(),
            turned: turned(before, after),
            wrong: wrong_after.difference(&wrong_before).cloned().collect(),
            righted: wrong_before.difference(&wrong_after).cloned().collect(),
        }
    }

    /// What this client does wrong in this scenario, and did not do in the earlier run.
    pub fn wrong_in(&self, client: &str, scenario: &str) -> impl Iterator<Item = &str> {
        let of_both = move |wrong: &&ClientChange| wrong.client == client && wrong.scenario == scenario;
        self.wrong.iter().filter(of_both).map(|wrong| &*wrong.what)
    }

    /// Whether nothing is new, apart from versions.
    pub fn is_empty(&self) -> bool {
        let BaselineDiff { moved: _, found, gone, turned, wrong, righted } = self;
        found.is_empty() && gone.is_empty() && turned.is_empty() && wrong.is_empty() && righted.is_empty()
    }
}

impl Gist {
    /// Everything that nothing explains: scripts, then error chains, changes that mattered, and clauses that nothing met.
    pub fn findings(&self) -> Vec<Finding> {
        let scripts = self.violations.iter().map(|found| Finding {
            id: found.like.clone(),
            cases: found.cases,
            told: found.told.clone(),
            replay: found.smallest.replay.clone(),
        });
        let error_chains = self.broken_error_chains.iter().map(|error_chain| Finding {
            id: format!("error chains: {} on {}", error_chain.law, error_chain.stack),
            cases: error_chain.error_chains,
            told: format!(
                "{}\n{}: {}\n{}\n",
                error_chain.smallest,
                error_chain.law,
                error_chain.message,
                error_chain.law.text()
            ),
            replay: error_chain.replay.clone(),
        });
        let changes = self.broken_transformations.iter().map(|broken| Finding {
            id: format!("change that must not matter: {}", broken.change),
            cases: broken.scripts,
            told: format!("{}\n{}\nbefore: {}\nafter: {}\n", broken.message, broken.rfc, broken.before, broken.after),
            replay: broken.after.clone(),
        });
        let whole = is_whole(self.themes.len(), self.generated, self.interrupted);
        let unmet =
            |clause: &&GistClause| whole && clause.required && clause.scripts == 0 && clause.scenarios.is_empty();
        let clauses = self.clauses.iter().filter(unmet).map(|clause| Finding {
            id: format!("clause that nothing meets: {}", clause.name),
            cases: 1,
            told: format!("Nothing of the run meets {} (RFC 9113 §{}).\n", clause.name, clause.section),
            replay: format!("cargo run --release -- --seed {}", self.seed),
        });
        scripts.chain(error_chains).chain(changes).chain(clauses).collect()
    }

    fn scenarios(&self) -> impl Iterator<Item = &GistScenario> {
        self.themes.iter().flat_map(|theme| &theme.scenarios)
    }

    fn has_played(&self, client: &str, scenario: &str) -> bool {
        let of_it = self.clients.iter().filter(|other| other.name == client).flat_map(|client| &client.scenarios);
        of_it.into_iter().any(|other| other.name == scenario)
    }

    /// What clients do that a law calls wrong.
    pub fn wrong(&self) -> impl Iterator<Item = ClientChange> {
        self.clients.iter().flat_map(|client| {
            client.scenarios.iter().flat_map(move |scenario| {
                scenario.wrong.iter().map(move |wrong| ClientChange {
                    client: client.name.clone(),
                    scenario: scenario.name.clone(),
                    what: format!("request {}: {}: {}", wrong.request, wrong.law, wrong.message),
                })
            })
        })
    }
}

/// The crates of which two lock files have other versions; versions that are not compatible are crates of their own.
pub fn moved(before: &[Locked], after: &[Locked]) -> Vec<Moved> {
    if before.is_empty() {
        return Vec::new();
    }
    let lines = |locked: &[Locked]| {
        let line = |locked: &Locked| ((locked.name.clone(), compatible(&locked.version)), locked.version.clone());
        locked.iter().map(line).collect::<BTreeMap<_, _>>()
    };
    let (before, after) = (lines(before), lines(after));
    let all: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let moved = all.into_iter().filter(|line| before.get(line) != after.get(line)).map(|line| Moved {
        name: line.0.clone(),
        before: before.get(line).cloned(),
        after: after.get(line).cloned(),
    });
    moved.collect()
}

/// What versions that are compatible have in common: `0.4` of 0.4.20, `1` of 1.12.0.
pub fn compatible(version: &str) -> String {
    let parts = if version.starts_with("0.") { 2 } else { 1 };
    version.split('.').take(parts).collect::<Vec<_>>().join(".")
}

fn turned(before: &Gist, after: &Gist) -> Vec<Turned> {
    let mut turned = Vec::new();
    for scenario in after.scenarios() {
        let earlier = before.scenarios().find(|earlier| earlier.name == scenario.name);
        let (Some(then), Some(now)) = (earlier.and_then(|earlier| earlier.case.as_ref()), &scenario.case) else {
            continue;
        };
        for stack in StackName::ALL {
            let (before, after) = (then.sides[stack].ends(), now.sides[stack].ends());
            if before != after {
                turned.push(Turned { scenario: scenario.name.clone(), stack, before, after });
            }
        }
    }
    turned
}

impl GistSide {
    /// What each request came to, in words.
    fn ends(&self) -> Vec<String> {
        self.requests.iter().map(GistRequest::end).collect()
    }
}

impl GistRequest {
    fn end(&self) -> String {
        let response = self.status.map(|status| format!(", {status} with {} bytes", self.body_bytes));
        let verdict =
            self.verdict.as_ref().map(|verdict| format!(", processed {}, {}", verdict.processed, verdict.advice));
        format!("{} in {}{}{}", self.kind, self.phase, response.unwrap_or_default(), verdict.unwrap_or_default())
    }
}

impl Moved {
    /// Whether it is of a repository or a folder now, and no release.
    pub fn is_unreleased(&self) -> bool {
        self.after.as_ref().is_some_and(|version| version.contains(' '))
    }

    /// It in words: `h2 0.4.20 → 0.4.21`.
    pub fn told(&self) -> String {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => format!("{} {before} → {after}", self.name),
            (None, Some(after)) => format!("{} {after}, which was not there", self.name),
            (Some(before), None) => format!("{} {before}, which is gone", self.name),
            (None, None) => self.name.clone(),
        }
    }
}
