//! Writes a cargo project that shows one fault of a stack, and needs nothing of this suite.
//!
//! The program plays the script's bytes to hyper's client or server, on the stack that shows the fault, over an in-memory
//! transport and with a clock that only moves when nothing else can. It says what the application sees and which frames
//! the stack sends, and looks for the one line that tells the fault from what is right. That line comes from the
//! judgement: what the stack that is right says and this one does not, or what breaks a law.

mod check;
mod contents;
mod fault;
mod fed;
mod imports;
mod listener;
mod listening;
mod manifest;
mod program;
mod report;
mod sent;
mod shorter;
mod steps;
mod tunnels;
mod written;

pub use listener::Listener;
pub use written::{WrittenProject, WrittenProjects};

use crate::{
    UsageError,
    input::{Found, find, is_known},
};
use conformance::{
    classifiers::OWN_CLASSIFIERS,
    comparison::Harness,
    judge::{self, Judgement},
    ledger::{self, Judged},
    report::case::DivergenceReport,
    scenarios::{self, Scenario},
    script::{Script, Step},
    servers::{ClientBytes, ServerHarness, ledger as server_ledger},
    stacks::{Profile, panics::record_stack_panics},
    vocabulary::StackName,
};
use fault::{Fault, Shown};
use manifest::manifest;
use program::{Program, Role};
use report::Report;
use std::path::Path;

/// A project that shows one fault.
pub struct Reproduction {
    /// The name of the package.
    pub name: String,
    /// The stack that the program uses.
    pub stack: StackName,
    /// Whether the program shows the fault with the locked versions of this stack.
    pub is_faulty: bool,
    /// The text of `Cargo.toml`.
    pub manifest: String,
    /// The text of `src/main.rs`.
    pub program: String,
    /// The text of a bug report; `None` if nothing is wrong on either stack.
    pub issue: Option<String>,
}

/// The known divergence that no program shows, and no application either: both stacks send the same frame, but not equally
/// often.
const ONLY_COUNTED: &str = "reset-tunnel-is-held";

/// The cases that show a fault: every known divergence of the clients and of the servers, and every scenario that a stack
/// does not meet and that is not the scenario of one of them.
///
/// # Errors
///
/// If a file of the suite's scenarios is not valid.
pub fn every_case() -> Result<Vec<String>, UsageError> {
    let scenarios = scenarios::built_in()?;
    let is_shown = |name: &String| name != ONLY_COUNTED;
    let of_clients = ledger::entries().map(|entry| entry.name.to_owned()).filter(is_shown);
    let of_servers = server_ledger::LEDGER.iter().map(|entry| format!("server:{}", entry.name));
    let of_scenarios = scenarios.iter().filter(|scenario| {
        let is_of_an_entry = ledger::entries().any(|entry| entry.scenario == scenario.name);
        !scenario.but.is_empty() && !is_of_an_entry
    });
    Ok(of_clients.chain(of_servers).chain(of_scenarios.map(|scenario| scenario.name.clone())).collect())
}

/// The project for a case, given as for `explain`. Without a stack, it uses the one that shows the fault. If nothing is
/// wrong, the program shows what is right.
///
/// # Errors
///
/// If there is no such case, if it has no connection, or if no program can be written for it.
pub fn reproduce(what: &str, stack: Option<StackName>) -> Result<Reproduction, UsageError> {
    record_stack_panics();
    let no_connection = |kind: &str| {
        UsageError(format!(
            "{kind} has no connection that could be played: name a scenario, a known divergence or a file"
        ))
    };
    let written = match find(what, false)? {
        Found::ErrorChain(_) => return Err(no_connection("an error chain")),
        Found::ErrorText(_) => return Err(no_connection("the text of an error")),
        Found::FrameLog(_) => return Err(no_connection("a log of frames")),
        Found::Client(_, sent) => of_client(what, &sent, stack),
        Found::Script(_, script) => {
            let judged = |script: &Script, profile| judge::judge(&Harness::with(profile, OWN_CLASSIFIERS), script);
            Case { name: package_name(what), ..Case::default() }.of(
                Role::Client,
                stack,
                &script,
                shorter::plain,
                judged,
            )
        }
        Found::Scenarios(scenarios) => match &scenarios[..] {
            [scenario] => of_scenario(what, scenario, stack),
            several => {
                let names: Vec<_> = several.iter().map(|scenario| &*scenario.name).collect();
                let names = names.join(", ");
                return Err(UsageError(format!("{what} has several scenarios ({names}): a project shows one of them")));
            }
        },
    };
    written.map_err(|Unwritable(why)| UsageError(format!("{what} has no project: {why}")))
}

/// A program in Python that plays the peer of a case to any client. The case is given as for `explain`.
///
/// # Errors
///
/// If there is no such case, if it has no peer of a client, or if a socket cannot play it.
pub fn listener(what: &str) -> Result<Listener, UsageError> {
    match find(what, false)? {
        Found::Script(_, script) => Listener::new(what, None, &script),
        Found::Scenarios(scenarios) => match &scenarios[..] {
            [scenario] => Listener::new(what, Some(&scenario.about), &scenario.script),
            _ => Err(UsageError(format!("{what} has several scenarios: a listener plays one of them"))),
        },
        _ => Err(UsageError(format!("{what} has no peer of a client: name a scenario, a known divergence or a file"))),
    }
}

/// Why no program can be written.
struct Unwritable(&'static str);

/// The project for the bytes that a client sends to a server.
fn of_client(what: &str, sent: &ClientBytes, stack: Option<StackName>) -> Result<Reproduction, Unwritable> {
    let entry = what.strip_prefix("server:");
    let entry = entry.and_then(|name| server_ledger::LEDGER.iter().find(|entry| entry.name == name));
    let case = Case { name: package_name(what), entry: entry.map(|entry| (*entry).into()), ..Case::default() };
    let plain = |script: &Script| ClientBytes::of(&shorter::plain(script)).frames();
    let judged = |script: &Script, profile| judge::judge(&ServerHarness::servers(profile, OWN_CLASSIFIERS), script);
    case.of(Role::Server, stack, &sent.frames(), plain, judged)
}

/// The project for a scenario, or for the divergence that it shows.
fn of_scenario(what: &str, scenario: &Scenario, stack: Option<StackName>) -> Result<Reproduction, Unwritable> {
    let entry = ledger::entries().find(|entry| entry.name == what);
    let but = scenario.but.first();
    let case = Case {
        name: package_name(what),
        entry: entry.map(Into::into),
        about: Some([scenario.about.as_str(), but.map_or("", |but| &but.because)].join(" ").trim().to_owned()),
        sections: scenario.rfc.clone(),
        request: but.map(|but| but.request),
    };
    let judged = |script: &Script, profile| {
        let scenario = Scenario { script: script.clone(), ..scenario.clone() };
        judge::judge_scenario(&Harness::with(profile, OWN_CLASSIFIERS), &scenario)
    };
    case.of(Role::Client, stack, &scenario.script, shorter::plain, judged)
}

/// What is known of a case before it is played.
#[derive(Default)]
struct Case {
    name: String,
    /// The ledger entry that was named.
    entry: Option<DivergenceReport>,
    /// What the author of a scenario says of it, and why a stack does not meet it: for a fault that no ledger has.
    about: Option<String>,
    /// The sections of the RFC that the author of a scenario names.
    sections: Vec<String>,
    /// The request that does not end as it should.
    request: Option<usize>,
}

/// What a script shows, played with some settings.
struct Show<S: Judged> {
    script: Script,
    profile: Profile,
    /// Whether the stack's pool plays it.
    is_pool: bool,
    judgement: Judgement<S>,
    entry: Option<DivergenceReport>,
    fault: Fault,
}

impl Case {
    /// The project. `plain` makes a script without long content.
    fn of<S: Judged + Shown>(
        self,
        role: Role,
        stack: Option<StackName>,
        script: &Script,
        plain: impl Fn(&Script) -> Script,
        judged: impl Fn(&Script, Profile) -> Judgement<S>,
    ) -> Result<Reproduction, Unwritable> {
        if let Some(why) = tunnels::refusal(script) {
            return Err(Unwritable(why));
        }
        let show = |script: &Script, profile, is_pool| -> Option<Show<S>> {
            let judgement = judged(script, profile);
            let entry = self.entry.clone().or_else(|| Some(DivergenceReport::from(*judgement.divergences.first()?)));
            let fault = fault::find(&judgement, entry.as_ref().map(|entry| entry.right), self.request);
            let fault = fault.or_else(|| fault::none(&judgement, stack.unwrap_or(StackName::Modern), is_pool))?;
            Some(Show { script: script.clone(), profile, is_pool, judgement, entry, fault })
        };
        // A fault on the first connection shows without a pool.
        let first = shorter::of_first_connection(script);
        let has_several = first != *script;
        let mut whole = show(&first, Profile::Equal, has_several)
            .ok_or(Unwritable("nothing that the application sees, and no frame, tells whether it ends as it should"))?;
        whole.is_pool = has_several && !whole.fault.is_fault();
        if whole.is_pool {
            whole.script = script.clone();
            if script.steps().iter().any(is_in_memory_only) {
                const WHY: &str = "a pool's connections are sockets, which do not fail in a chosen way or answer PINGs";
                return Err(Unwritable(WHY));
            }
        }
        let same =
            |of: &Show<S>, show: &Show<S>| (&of.fault.check, of.fault.stack) == (&show.fault.check, show.fault.stack);
        let plain = show(&plain(&whole.script), Profile::Equal, whole.is_pool).filter(|plain| same(&whole, plain));
        let equal = plain.unwrap_or(whole);
        // A project with the stack's own settings is shorter, if they show the same.
        let defaults = show(&equal.script, Profile::Defaults, equal.is_pool).filter(|defaults| same(&equal, defaults));
        let entry = equal.entry.clone();
        let mut shown = Show { entry, ..defaults.unwrap_or(equal) };
        if shown.is_pool {
            shown.profile = Profile::Defaults;
        }
        Ok(self.project(role, stack, &shown))
    }

    fn project<S: Judged + Shown>(self, role: Role, stack: Option<StackName>, shown: &Show<S>) -> Reproduction {
        let Show { script, profile, is_pool, judgement, entry, fault } = shown;
        let (profile, is_pool) = (*profile, *is_pool);
        let stack = stack.unwrap_or(fault.stack);
        let side = &judgement.comparison.sides[stack];
        let (record, is_connected) = (side.record(), side.is_connected());
        let (about, sections) = (self.about.as_deref(), &*self.sections);
        let report = Report { stack, fault, entry: entry.as_ref(), about, sections };
        let docs = report.docs();
        let program = Program { stack, role, profile, script, record, fault, is_pool, is_connected, docs: &docs };
        let program = program.text();
        Reproduction {
            is_faulty: fault.check.is_faulty(&fault.lines[stack]),
            manifest: manifest(&self.name, stack, role, &program),
            issue: fault.is_fault().then(|| report.text(&program)),
            name: self.name,
            stack,
            program,
        }
    }
}

/// Whether only a transport in memory can play the step.
fn is_in_memory_only(step: &Step) -> bool {
    matches!(step, Step::FailRead(_) | Step::FailWrite { .. } | Step::AnswerPings)
}

/// A name for the package of a case: the last part of its path, in letters that a package may have.
fn package_name(what: &str) -> String {
    const LONGEST: usize = 60;
    let (what, ending) = match what.strip_prefix("server:") {
        Some(of_server) => (of_server, if is_known(of_server) { "-server" } else { "" }),
        None => (what, ""),
    };
    if what == "-" || what.starts_with("hex:") {
        return "script".into();
    }
    let file = Path::new(what).file_stem().map_or_else(|| what.into(), |name| name.to_string_lossy());
    let letters = file.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    let name: String = letters.take(LONGEST).collect();
    let name = name.trim_matches('-');
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
    // Some names of a few letters are words of Rust, or crates of the project.
    match begins && name.contains('-') {
        true => format!("{name}{ending}"),
        false => format!("case-{name}{ending}"),
    }
}
