//! The command line.

use anstream::eprintln;
use clap::{Parser, Subcommand, ValueEnum, builder::PossibleValuesParser};
#[cfg(feature = "aws")]
use conformance::report::subjects::{Beyond, beyond_tables};
#[cfg(feature = "aws-legacy")]
use conformance::report::subjects::{SubjectReport, log_table, subject_tables, wrongs};
use conformance::{
    classifiers::Classifiers,
    fuzz::TARGETS,
    ledger::LEDGER,
    plans::{ErrorPlan, PlanError},
    report::{
        self, Case, Run,
        explain::explain,
        listing::{Listing, listing},
        plan::{SpecimenReport, specimen_table},
        sweep::table,
        terminal::summary,
    },
    scenario::{self, Scenario},
    script::{Script, text::from_hex},
    servers::{ClientBytes, ServerLaboratory, ledger as server_ledger},
    stacks::{Profile, drive::record_stack_panics},
    suite::{self, Plan, Progress},
    sweep::{self, LINES, Range, SweepError, Watch},
    trial::Laboratory,
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use std::{
    ffi::OsStr,
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

/// Tells whether a Rust HTTP client still understands its own HTTP/2 errors.
///
/// Without a command: plays all scenarios, the corpus and generated scripts on hyper 0.14 with h2 0.3 and on hyper 1 with
/// h2 0.4, and holds what their applications see against the laws; then error plans, made of the errors of both. Exit
/// status: 0 if everything is explained, 1 if not, 2 if it could not be run.
#[derive(Parser)]
#[command(name = "conformance", version, max_term_width = 100, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: RunArguments,
    /// Write JSON instead of text: to standard output, or to FILE beside the text.
    #[arg(long, global = true, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    json: Option<Option<PathBuf>>,
}

#[derive(clap::Args)]
struct RunArguments {
    /// How many scripts to generate.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    cases: u64,
    /// How many error plans to put: every specimen in every phase first, then generated ones.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    plans: u64,
    /// What both are generated from: the same seed gives the same.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Which settings the stacks run with.
    #[arg(long, value_enum, default_value_t = ProfileArgument::Equal)]
    profile: ProfileArgument,
    /// The folder of corpus files to replay [default: the suite's own].
    #[arg(long, value_name = "DIR")]
    corpus: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum ProfileArgument {
    /// The same on both; what differs is a divergence.
    Equal,
    /// Those that each comes with; what differs only then is configuration.
    Defaults,
}

impl From<ProfileArgument> for Profile {
    fn from(argument: ProfileArgument) -> Profile {
        match argument {
            ProfileArgument::Equal => Profile::Equal,
            ProfileArgument::Defaults => Profile::Defaults,
        }
    }
}

#[derive(Subcommand)]
enum Command {
    /// Lists the scenarios and the known divergences, with what each is about.
    List,
    /// Lists the specimens: every error that the stacks can give, what it is on each, or why one does not have it.
    Specimens,
    /// Plays all scenarios to the clients of the AWS SDK, and lists what they do that a law calls wrong, and what they log.
    #[cfg(feature = "aws-legacy")]
    Subjects,
    /// Tells one case from the first frame to the verdict.
    Explain {
        /// The name of a scenario or of a known divergence, a TOML or corpus file, `-` for standard input, `hex:` and the
        /// bytes of a script, `plan:` and an error plan, or `server:` and where what a client sends to a server is.
        #[arg(value_name = "NAME|FILE|-|hex:BYTES|plan:PLAN|server:…")]
        what: String,
        /// Which settings the stacks run with [default: equal].
        #[arg(long, value_enum, hide_default_value = true)]
        profile: Option<ProfileArgument>,
    },
    /// Makes a case that breaks a law smaller, as long as it breaks the same one, and prints it as a scenario.
    Minimize {
        /// As for `explain`.
        #[arg(value_name = "NAME|FILE|-|hex:BYTES|plan:PLAN|server:…")]
        what: String,
        /// Which settings the stacks run with [default: equal].
        #[arg(long, value_enum, hide_default_value = true)]
        profile: Option<ProfileArgument>,
    },
    /// Builds the suite with every published release of a crate, plays the scenarios with each, and tells which release
    /// changed what.
    ///
    /// What a release came to is kept: a sweep that was ended goes on where it was.
    Sweep {
        /// The crate.
        #[arg(value_name = "CRATE", value_parser = PossibleValuesParser::new(sweepable()))]
        name: String,
        /// Which releases: `0.4.5`, `0.4`, `0.4.5..0.4.9`, `0.4.5..` or `..0.4.9`, both ends included [default: all].
        #[arg(value_name = "VERSIONS")]
        versions: Option<Range>,
        /// Where the packages of the releases and what they came to are kept [default: target/sweep of the suite].
        #[arg(long, value_name = "DIR")]
        folder: Option<PathBuf>,
    },
    /// Writes what the fuzz targets start from: a folder for each target, with a file for each scenario or specimen.
    Seeds {
        /// The folder, which is made if it is not there. What is in it stays.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

/// Why nothing could be run: what was wrong, where, and what to do.
#[derive(Debug)]
struct BadUse(String);

/// The corpus that comes with the suite.
const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../corpus/classify");

/// The corpus of the fuzz target `server`.
const SERVER_CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../corpus/server");

/// Set by Ctrl-C: the run ends with what it has.
static STOPPED: AtomicBool = AtomicBool::new(false);

/// The exit status of a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match &arguments.command {
        None => run(&arguments.run, &arguments.json),
        Some(Command::List) => list(&arguments.json),
        Some(Command::Specimens) => specimens(&arguments.json),
        #[cfg(feature = "aws-legacy")]
        Some(Command::Subjects) => subjects(&arguments.json),
        Some(Command::Explain { what, profile }) => explain_command(what, *profile, &arguments.json),
        Some(Command::Minimize { what, profile }) => minimize(what, *profile, &arguments.json),
        Some(Command::Sweep { name, versions, folder }) => {
            sweep_command(name, versions.as_ref(), folder.clone(), &arguments.json)
        }
        Some(Command::Seeds { folder }) => seeds(folder),
    };
    outcome.unwrap_or_else(|BadUse(message)| {
        eprintln!("error: {message}");
        ExitCode::from(2)
    })
}

fn run(arguments: &RunArguments, json: &Option<Option<PathBuf>>) -> Result<ExitCode, BadUse> {
    let plan = Plan {
        scenarios: built_in()?,
        corpus: corpus(arguments.corpus.as_deref())?,
        cases: arguments.cases,
        plans: arguments.plans,
        seed: arguments.seed,
        profile: arguments.profile.into(),
    };
    stop_on_interrupt();
    let cases = plan.scenarios.len() as u64 + plan.corpus.len() as u64 + plan.cases + plan.plans;
    #[cfg(feature = "aws-legacy")]
    let cases = cases + suite::PLAYS_OF_SUBJECTS * plan.scenarios.len() as u64;
    let bar = Bar::new(cases);
    #[cfg_attr(not(feature = "aws-legacy"), expect(unused_mut))]
    let mut run: Run = suite::run(&plan, &bar);
    #[cfg(feature = "aws-legacy")]
    if !STOPPED.load(Ordering::Relaxed) {
        run.subjects = play_subjects(&plan.scenarios, &bar)?;
    }
    bar.0.finish_and_clear();
    write(json, &run, || summary(&run))?;
    if STOPPED.load(Ordering::Relaxed) {
        eprintln!("interrupted: {} of {} scripts were played", run.generated, plan.cases);
        return Ok(ExitCode::from(INTERRUPTED));
    }
    Ok(ExitCode::from(u8::from(!run.is_clean())))
}

#[cfg(feature = "aws-legacy")]
fn play_subjects(scenarios: &[Scenario], bar: &Bar) -> Result<Vec<SubjectReport>, BadUse> {
    suite::play_subjects(scenarios, bar).map_err(|error| BadUse(error.to_string()))
}

#[derive(Serialize)]
#[cfg(feature = "aws-legacy")]
struct SubjectTable {
    schema: u32,
    subjects: Vec<SubjectReport>,
    #[cfg(feature = "aws")]
    beyond: Beyond,
}

#[cfg(feature = "aws-legacy")]
fn subjects(json: &Option<Option<PathBuf>>) -> Result<ExitCode, BadUse> {
    record_stack_panics();
    let scenarios = built_in()?;
    let plays = suite::PLAYS_OF_SUBJECTS;
    #[cfg(feature = "aws")]
    let plays = plays + suite::PLAYS_BEYOND;
    let bar = Bar::new(plays * scenarios.len() as u64);
    let table = SubjectTable {
        schema: report::SCHEMA,
        subjects: play_subjects(&scenarios, &bar)?,
        #[cfg(feature = "aws")]
        beyond: suite::play_beyond(&scenarios, &bar).map_err(|error| BadUse(error.to_string()))?,
    };
    bar.0.finish_and_clear();
    write(json, &table, || {
        let text = wrongs(&table.subjects) + &subject_tables(&table.subjects);
        #[cfg(feature = "aws")]
        let text = text + &beyond_tables(&table.beyond);
        text + &log_table(&table.subjects)
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The first Ctrl-C ends what runs with what it has, the second ends the program.
fn stop_on_interrupt() {
    // Without a handler Ctrl-C still ends the program, only without a summary.
    let _ = ctrlc::set_handler(|| {
        if STOPPED.swap(true, Ordering::Relaxed) {
            std::process::exit(INTERRUPTED.into());
        }
    });
}

fn list(json: &Option<Option<PathBuf>>) -> Result<ExitCode, BadUse> {
    let names = Listing::new(built_in()?);
    write(json, &names, || listing(&names))?;
    Ok(ExitCode::SUCCESS)
}

#[derive(Serialize)]
struct SpecimenTable {
    schema: u32,
    specimens: Vec<SpecimenReport>,
}

fn specimens(json: &Option<Option<PathBuf>>) -> Result<ExitCode, BadUse> {
    let table = SpecimenTable { schema: report::SCHEMA, specimens: SpecimenReport::all() };
    write(json, &table, || specimen_table(&table.specimens))?;
    Ok(ExitCode::SUCCESS)
}

/// The error plan that `what` is, if it is one.
fn plan(what: &str, profile: Option<ProfileArgument>) -> Result<Option<ErrorPlan>, BadUse> {
    let Some(plan) = what.strip_prefix("plan:") else { return Ok(None) };
    if profile.is_some() {
        return Err(BadUse("an error plan is played without a connection: it takes no `--profile`".into()));
    }
    plan.parse().map(Some).map_err(|error: PlanError| BadUse(error.to_string()))
}

/// What a client sends to a server, with its name, if `what` is that: the name of a known divergence, else bytes from
/// somewhere.
fn client(what: &str) -> Result<Option<(String, ClientBytes)>, BadUse> {
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

fn server_laboratory(profile: Option<ProfileArgument>) -> ServerLaboratory {
    ServerLaboratory::new(profile.map_or(Profile::Equal, Profile::from), Classifiers::OWN)
}

fn laboratory(profile: Option<ProfileArgument>) -> Laboratory {
    Laboratory::with(profile.map_or(Profile::Equal, Profile::from), Classifiers::OWN)
}

fn explain_command(
    what: &str,
    profile: Option<ProfileArgument>,
    json: &Option<Option<PathBuf>>,
) -> Result<ExitCode, BadUse> {
    record_stack_panics();
    if let Some(plan) = plan(what, profile)? {
        let case = suite::judge_plan(&plan);
        write(json, &case, || report::plan::explain(&case))?;
        return Ok(ExitCode::from(u8::from(case.broken.is_some())));
    }
    if let Some((name, sent)) = client(what)? {
        let case = suite::judge_servers(&server_laboratory(profile), &sent).into_case(&name, &sent);
        write(json, &case, || report::server::explain(&case))?;
        return Ok(ExitCode::from(u8::from(case.unexplained)));
    }
    let laboratory = laboratory(profile);
    let cases: Vec<Case> = match find(what)? {
        Found::Scenarios(scenarios) => scenarios
            .iter()
            .map(|scenario| suite::judge_scenario(&laboratory, scenario).into_scenario_case(scenario))
            .collect(),
        Found::Script(name, script) => vec![suite::judge(&laboratory, &script).into_case(&name, &script)],
    };
    write(json, &cases, || cases.iter().map(explain).collect::<Vec<_>>().join("\n"))?;
    Ok(ExitCode::from(u8::from(cases.iter().any(|case| case.unexplained))))
}

fn minimize(what: &str, profile: Option<ProfileArgument>, json: &Option<Option<PathBuf>>) -> Result<ExitCode, BadUse> {
    record_stack_panics();
    let whole = || BadUse(format!("{what} breaks no law, so there is nothing that a smaller case would have to show"));
    if let Some(plan) = plan(what, profile)? {
        let smallest = suite::smallest_plan(&plan).ok_or_else(whole)?;
        let case = suite::judge_plan(&smallest);
        write(json, &case, || format!("plan:{smallest}\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some((name, sent)) = client(what)? {
        let laboratory = server_laboratory(profile);
        let smallest = suite::smallest_client(&laboratory, &sent);
        let judgement = suite::judge_servers(&laboratory, &smallest);
        if judgement.agrees() {
            let message =
                format!("the servers agree on {name}, so there is nothing that a smaller case would have to show");
            return Err(BadUse(message));
        }
        let case = judgement.into_case("smallest", &smallest);
        write(json, &case, || format!("server:hex:{}\n", case.bytes))?;
        return Ok(ExitCode::SUCCESS);
    }
    let laboratory = laboratory(profile);
    let scripts = match find(what)? {
        Found::Scenarios(scenarios) => {
            scenarios.into_iter().map(|scenario| (scenario.name, scenario.script)).collect::<Vec<_>>()
        }
        Found::Script(_, script) => vec![("smallest".into(), script)],
    };
    let mut cases: Vec<Case> = Vec::new();
    for (name, script) in &scripts {
        let smallest = suite::smallest(&laboratory, script);
        let judgement = suite::judge(&laboratory, &smallest);
        if !judgement.violations.is_empty() {
            cases.push(judgement.into_case(name, &smallest));
        }
    }
    if cases.is_empty() {
        return Err(whole());
    }
    write(json, &cases, || cases.iter().map(Case::to_scenario).collect::<Vec<_>>().join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

fn sweepable() -> Vec<&'static str> {
    let mut names: Vec<_> = LINES.iter().map(|line| line.name).collect();
    names.dedup();
    names
}

fn sweep_command(
    name: &str,
    versions: Option<&Range>,
    folder: Option<PathBuf>,
    json: &Option<Option<PathBuf>>,
) -> Result<ExitCode, BadUse> {
    stop_on_interrupt();
    let bar = ReleaseBar::new();
    let swept = sweep::run(name, versions.unwrap_or(&Range::ALL), folder, &bar);
    bar.0.finish_and_clear();
    let sweep = match swept {
        Err(SweepError::Stopped) => {
            eprintln!("interrupted before a release was done");
            return Ok(ExitCode::from(INTERRUPTED));
        }
        swept => swept.map_err(|error| BadUse(error.to_string()))?,
    };
    write(json, &sweep, || table(&sweep))?;
    if STOPPED.load(Ordering::Relaxed) {
        eprintln!("interrupted: the same command goes on where it was");
        return Ok(ExitCode::from(INTERRUPTED));
    }
    Ok(ExitCode::from(u8::from(!sweep.is_clean())))
}

fn seeds(folder: &Path) -> Result<ExitCode, BadUse> {
    for target in TARGETS {
        let folder = folder.join(target.name);
        let unwritable = |path: &Path, error| BadUse(format!("{} cannot be written: {error}", path.display()));
        fs::create_dir_all(&folder).map_err(|error| unwritable(&folder, error))?;
        let seeds = (target.seeds)();
        for (name, bytes) in &seeds {
            let path = folder.join(name);
            fs::write(&path, bytes).map_err(|error| unwritable(&path, error))?;
        }
        let bytes: usize = seeds.iter().map(|(_, bytes)| bytes.len()).sum();
        to_stdout(&format!("{:10}{:5} seeds, {bytes:6} bytes  {}\n", target.name, seeds.len(), target.about));
    }
    Ok(ExitCode::SUCCESS)
}

enum Found {
    Scenarios(Vec<Scenario>),
    Script(String, Script),
}

/// What `explain` or `minimize` was asked for: a scenario by its name or that of the divergence that it shows, else bytes from somewhere.
fn find(what: &str) -> Result<Found, BadUse> {
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
fn hex_bytes(what: &str) -> Result<Option<Vec<u8>>, BadUse> {
    let Some(hex) = what.strip_prefix("hex:") else { return Ok(None) };
    from_hex(hex).map(Some).ok_or_else(|| BadUse("`hex:` needs pairs of hexadecimal digits".into()))
}

/// The bytes of a file, or of standard input, with its name.
fn read(what: &str, missing: impl FnOnce() -> BadUse) -> Result<(String, Vec<u8>), BadUse> {
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
fn near<'s>(what: &str, scenarios: &'s [Scenario]) -> Option<&'s str> {
    let shared = |name: &str| what.split('-').filter(|word| name.split('-').any(|other| other == *word)).count();
    let names = scenarios.iter().map(|scenario| scenario.name.as_str()).chain(LEDGER.iter().map(|entry| entry.name));
    let best = names.max_by_key(|name| (shared(name), std::cmp::Reverse(name.len())))?;
    (shared(best) > 0).then_some(best)
}

fn built_in() -> Result<Vec<Scenario>, BadUse> {
    scenario::built_in().map_err(|error| BadUse(error.to_string()))
}

/// The files of a corpus folder, by name. The suite's own may be missing, one that was asked for may not.
fn corpus(folder: Option<&Path>) -> Result<Vec<(String, Vec<u8>)>, BadUse> {
    let path = folder.unwrap_or(Path::new(CORPUS));
    if folder.is_none() && !path.exists() {
        return Ok(Vec::new());
    }
    let unreadable = |path: &Path, error: io::Error| BadUse(format!("{} cannot be read: {error}", path.display()));
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(|error| unreadable(path, error))? {
        let path = entry.map_err(|error| unreadable(path, error))?.path();
        if path.is_file() {
            let bytes = fs::read(&path).map_err(|error| unreadable(&path, error))?;
            files.push((path.file_name().unwrap_or(OsStr::new("?")).to_string_lossy().into_owned(), bytes));
        }
    }
    files.sort();
    Ok(files)
}

/// Writes the value as JSON where that was asked for, and as text unless JSON went to standard output.
fn write(json: &Option<Option<PathBuf>>, value: &impl Serialize, text: impl FnOnce() -> String) -> Result<(), BadUse> {
    let written = || {
        let mut written = serde_json::to_string_pretty(value)
            .expect("reports are strings, numbers, lists and maps with string keys: JSON can say all of them");
        written.push('\n');
        written
    };
    match json {
        Some(None) => to_stdout(&written()),
        Some(Some(path)) => {
            fs::write(path, written())
                .map_err(|error| BadUse(format!("{} cannot be written: {error}", path.display())))?;
            to_stdout(&text());
        }
        None => to_stdout(&text()),
    }
    Ok(())
}

/// Writes to standard output. Whoever reads it may have seen enough and closed it; that is no error.
fn to_stdout(text: &str) {
    let mut stdout = anstream::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

/// The progress bar: on a terminal only.
struct Bar(ProgressBar);

impl Bar {
    fn new(length: u64) -> Bar {
        let template = "{elapsed_precise} {wide_bar} {human_pos} of {human_len} cases, {eta} left";
        let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
        Bar(bar.with_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())))
    }
}

impl Progress for Bar {
    fn advance(&self, cases: u64) {
        self.0.inc(cases);
    }

    fn is_stopped(&self) -> bool {
        STOPPED.load(Ordering::Relaxed)
    }
}

/// The progress of a sweep: on a terminal only.
struct ReleaseBar(ProgressBar);

impl ReleaseBar {
    fn new() -> ReleaseBar {
        let template = "{elapsed_precise} {wide_bar} {pos} of {len} releases, now {msg}";
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.enable_steady_tick(Duration::from_secs(1));
        ReleaseBar(bar.with_style(style))
    }
}

impl Watch for ReleaseBar {
    fn begin(&self, releases: usize) {
        self.0.set_length(releases as u64);
    }

    fn doing(&self, what: &str) {
        self.0.set_message(what.to_owned());
    }

    fn advance(&self) {
        self.0.inc(1);
    }

    fn is_stopped(&self) -> bool {
        STOPPED.load(Ordering::Relaxed)
    }
}
