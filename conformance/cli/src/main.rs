//! The command line.

use clap::{Parser, Subcommand, ValueEnum, builder::PossibleValuesParser};
use conformance::{
    classifiers::OWN_CLASSIFIERS,
    comparison::Harness,
    judge::{self, Judgement},
    ledger::Judged,
    minimize::Minimized,
    report::{
        self, Case, Run,
        baseline::BaselineDiff,
        clients::{ClientReport, ExtraRuns},
        error_chain::{CatalogEntryReport, error_catalog_table},
        error_text::{PrintedEntry, printed_entries},
        explain::explain,
    },
    run::{self, RunConfig, play_clients},
    scenarios,
    script::Script,
    servers::{ClientBytes, ServerHarness},
    stacks::{Profile, drive::record_stack_panics, write_ahead},
};
use conformance_cli::{
    UsageError,
    client_tables::{client_tables, extra_run_tables, log_table, wrongs},
    html::{page, served_page},
    input::{Found, baseline, corpus, find},
    junit::junit,
    listing::{Listing, listing},
    night::{
        self, Night,
        folder::{night_before, tonight, write_night},
    },
    output::{Json, all, can_be_written, to_file, to_stderr, unwritable, width, write},
    progress::{Bar, INTERRUPTED, is_stopped, release_bar, stop_on_interrupt},
    serve::{Drivers, Progress, ServeArguments, listen::Listening, serve},
    sweep::{self, LINES, Range, SweepError, table},
    terminal::summary,
};
use conformance_clients::{CLIENTS, TARGETS, extra_plays, play_extra_runs};
use serde::Serialize;
use std::{
    env, fs,
    net::SocketAddr,
    path::{self, Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

/// Checks whether a Rust HTTP client still understands its own HTTP/2 errors.
///
/// Without a command, it plays all scenarios, the corpus and generated scripts on two client stacks: hyper 0.14 on h2
/// 0.3, and hyper 1 on h2 0.4. It checks what applications see against the laws and a model of RFC 9113, then checks
/// the laws over error chains, and plays the scenarios to whole HTTP clients.
///
/// Exit status: 0 if every law holds or the ledger of known divergences explains why not, 1 if something is
/// unexplained or a run of this size had to meet more clauses of RFC 9113, 2 if nothing could be run or a result could
/// not be written, 130 if the run was interrupted.
#[derive(Parser)]
#[command(name = "conformance", version, max_term_width = 100, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: RunArguments,
    /// Write JSON: to FILE, or to standard output in place of the text.
    #[arg(long, global = true, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    json: Option<Option<PathBuf>>,
}

#[derive(clap::Args)]
struct RunArguments {
    /// Number of scripts to generate.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    cases: u64,
    /// Number of error chains to check: first every entry of the error catalogue in every phase, then generated chains.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    error_chains: u64,
    /// Seed of the generated scripts and error chains: the same seed gives the same result.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Settings of the stacks.
    #[arg(long, value_enum, default_value_t = ProfileArgument::Equal)]
    profile: ProfileArgument,
    /// Folder of corpus files to replay [default: the suite's own].
    #[arg(long, value_name = "DIR")]
    corpus: Option<PathBuf>,
    /// Print the tables too, and every finding in full.
    #[arg(long)]
    verbose: bool,
    /// Also write the run as a page for a browser.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Also write the run as JUnit XML.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Also print what is new since an earlier run that `--json=FILE` wrote.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum ProfileArgument {
    /// The same on both stacks: a difference is a divergence.
    Equal,
    /// The defaults of each stack: a difference that equal settings do not show is configuration.
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
    /// Lists the scenarios and the known divergences, each with a description.
    List,
    /// Lists the error catalogue: every error that the stacks can give, with its links on each stack, or why a stack
    /// has no such error.
    Errors {
        /// List only the errors that print this, each with what it prints.
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
    },
    /// Plays all scenarios to the clients of the AWS SDK, and lists the laws that they break and what they log.
    ///
    /// Exit status: 0, whatever they do. A run with `--baseline` says what is new.
    Clients,
    /// Tests a client in any language: starts a scripted server, and runs a command for each request.
    ///
    /// A scenario is played as written, and with POST in place of GET, without and with content. The result has the kinds
    /// of mistakes, each with a scenario that shows it. Exit status: 0 if there is no fault and no broken promise, 1 if
    /// there is, 2 if nothing could be played, 130 if it was interrupted.
    #[command(after_help = "Example: conformance serve --client \"curl -sS --http2-prior-knowledge {url}\"")]
    Serve(ServeArguments),
    /// Explains one case, from the first frame to the verdict, or the text of an error from a log.
    ///
    /// For an error from a log it says whether the request was processed, whether a GET and a POST may be sent again, and
    /// what the text does not say. Exit status: 0 if every law holds or the ledger explains why not, or if the text was
    /// understood, 1 if not or if the model disagrees with what a scenario expects, 2 if the case cannot be played or
    /// the text was not understood.
    #[command(after_help = "Example: conformance explain \"operation was canceled: connection closed\"")]
    Explain {
        /// The case
        ///
        /// NAME        a scenario or a known divergence: `list` shows their names
        /// TEXT        an error from a log, as `Display`, `Debug` or anyhow print it
        /// FILE        scenarios as TOML, the bytes of a script, or a log; `-` is standard input
        /// hex:BYTES   the bytes of a script in hexadecimal digits
        /// wire:…      a FILE or hex:BYTES with the bytes that a server sends
        /// server:…    a FILE or hex:BYTES with the bytes that a client sends to both servers,
        ///             or the name of a known divergence of the servers
        /// chain:…     an error chain, with an error that `errors` lists
        #[arg(value_name = "CASE", verbatim_doc_comment)]
        what: String,
        /// Settings of the stacks [default: equal].
        #[arg(long, value_enum, hide_default_value = true)]
        profile: Option<ProfileArgument>,
    },
    /// Makes a case that breaks a law as small as possible, so that it still breaks the same law, and prints it.
    ///
    /// A script is printed as a scenario, anything else as an argument for `explain`. Exit status: 0, or 2 if the
    /// case breaks no law.
    Minimize {
        /// The case, given as for `explain`.
        #[arg(value_name = "CASE")]
        what: String,
        /// Settings of the stacks [default: equal].
        #[arg(long, value_enum, hide_default_value = true)]
        profile: Option<ProfileArgument>,
    },
    /// Plays the scenarios with every published release of a crate, and says which release changed what.
    ///
    /// Each release is built with cargo. Results are kept, so an interrupted sweep continues where it stopped. Exit
    /// status: 0 if every law holds or the ledger explains why not, 1 if not, 130 if the sweep was interrupted.
    Sweep(SweepArguments),
    /// Compares a night of runs and fuzzing with the night before: says what is new, and what caused it.
    ///
    /// Reads what `.ci/nightly` leaves in NIGHT: `runs/NAME.json`, a run for each set of dependencies, where `locked`
    /// is the run of the lock file; `artifacts/TARGET/`, what the fuzz targets found; and `steps`. Writes
    /// `summary.md`, the text of an issue in `issues/` for each new finding, and `known.json`, the findings that have
    /// been reported. Exit status: 0 if nothing is new and no step failed, 1 if not.
    Night {
        /// The folder of the night.
        #[arg(value_name = "NIGHT")]
        folder: PathBuf,
        /// The folder of the night before [default: none].
        #[arg(long, value_name = "NIGHT")]
        before: Option<PathBuf>,
    },
    /// Writes the seeds of the fuzz targets: a folder for each target, with a file for each seed.
    Seeds {
        /// The folder. It is created if it does not exist; files in it are kept.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

#[derive(clap::Args)]
struct SweepArguments {
    /// The crate.
    #[arg(value_name = "CRATE", value_parser = PossibleValuesParser::new(sweepable()))]
    name: String,
    /// The releases: `0.4.5`, `0.4`, `0.4.5..0.4.9`, `0.4.5..` or `..0.4.9`, both ends included [default: all].
    #[arg(value_name = "VERSIONS")]
    versions: Option<Range>,
    /// A checkout of the crate, played after these releases; without VERSIONS, after the newest release only.
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
    /// Folder for the packages of the releases and their results [default: target/sweep of the suite].
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match &arguments.command {
        None => run(&arguments.run, &arguments.json),
        Some(Command::List) => list(&arguments.json).map(|()| ExitCode::SUCCESS),
        Some(Command::Errors { search }) => {
            error_catalog(search.as_deref(), &arguments.json).map(|()| ExitCode::SUCCESS)
        }
        Some(Command::Clients) => clients(&arguments.json).map(|()| ExitCode::SUCCESS),
        Some(Command::Serve(serve)) => serve_command(serve, &arguments.json),
        Some(Command::Explain { what, profile }) => explain_command(what, *profile, &arguments.json),
        Some(Command::Minimize { what, profile }) => {
            minimize(what, *profile, &arguments.json).map(|()| ExitCode::SUCCESS)
        }
        Some(Command::Sweep(sweep)) => sweep_command(sweep, &arguments.json),
        Some(Command::Night { folder, before }) => night(folder, before.as_deref(), &arguments.json),
        Some(Command::Seeds { folder }) => seeds(folder, &arguments.json).map(|()| ExitCode::SUCCESS),
    };
    outcome.unwrap_or_else(|UsageError(message)| {
        to_stderr(&format!("error: {message}"));
        ExitCode::from(2)
    })
}

fn run(arguments: &RunArguments, json: &Json) -> Result<ExitCode, UsageError> {
    let (corpus, note) = corpus(arguments.corpus.as_deref())?;
    note.iter().for_each(|note| to_stderr(note));
    let config = RunConfig {
        scenarios: scenarios::built_in()?,
        corpus,
        cases: arguments.cases,
        error_chains: arguments.error_chains,
        seed: arguments.seed,
        profile: arguments.profile.into(),
    };
    let baseline = arguments.baseline.as_deref().map(|path| baseline(path, config.profile)).transpose()?;
    let mut forms: Vec<&PathBuf> = [&arguments.html, &arguments.junit].into_iter().chain(json).flatten().collect();
    // Without `.` between them, one file has one path.
    let absolute = |path: &Path| path::absolute(path).unwrap_or_else(|_| path.to_owned());
    forms.sort_by_cached_key(|path| absolute(path));
    if let Some(pair) = forms.windows(2).find(|pair| absolute(pair[0]) == absolute(pair[1])) {
        let path = pair[0].display();
        return Err(UsageError(format!("{path} was given for two forms of the run: each needs its own file")));
    }
    forms.into_iter().try_for_each(|path| can_be_written(path))?;
    stop_on_interrupt();
    write_ahead(env::temp_dir().join("conformance-under-play"));
    let cases = config.scenarios.len() as u64 + config.corpus.len() as u64 + config.cases + config.error_chains;
    let cases = cases + CLIENTS.len() as u64 * config.scenarios.len() as u64;
    let bar = Bar::new(cases);
    let mut run: Run = run::run(&config, &bar);
    if !is_stopped() {
        run.clients = play_clients(&config.scenarios, CLIENTS.iter().copied(), &bar)?;
    }
    bar.0.finish_and_clear();
    run.interrupted = is_stopped();
    run.baseline = baseline.map(|baseline| {
        let mut diff = BaselineDiff::between(&baseline, &run);
        run::add_replays(&mut diff, &run);
        diff
    });
    all([
        write(json, &run, || summary(&run, arguments.verbose, width())),
        arguments.html.as_ref().map_or(Ok(()), |path| to_file(path, &page(&run))),
        arguments.junit.as_ref().map_or(Ok(()), |path| to_file(path, &junit(&run))),
    ])?;
    if run.interrupted {
        return Ok(ExitCode::from(INTERRUPTED));
    }
    Ok(ExitCode::from(u8::from(!run.passes())))
}

#[derive(Serialize)]
struct ClientTable {
    schema: u32,
    clients: Vec<ClientReport>,
    extra_runs: ExtraRuns,
}

fn clients(json: &Json) -> Result<(), UsageError> {
    record_stack_panics();
    let scenarios = scenarios::built_in()?;
    if CLIENTS.is_empty() {
        return Err(UsageError("this program was built without clients: build it with the feature `aws`".into()));
    }
    let plays = CLIENTS.len() as u64 + extra_plays();
    let bar = Bar::new(plays * scenarios.len() as u64);
    let table = ClientTable {
        schema: report::SCHEMA,
        clients: play_clients(&scenarios, CLIENTS.iter().copied(), &bar)?,
        extra_runs: play_extra_runs(&scenarios, &bar)?,
    };
    bar.0.finish_and_clear();
    write(json, &table, || {
        [
            wrongs(&table.clients),
            client_tables(&table.clients),
            extra_run_tables(&table.extra_runs),
            log_table(&table.clients),
        ]
        .concat()
    })
}

fn serve_command(arguments: &ServeArguments, json: &Json) -> Result<ExitCode, UsageError> {
    if arguments.only_lists() {
        let drivers = Drivers::here();
        return write(json, &drivers, || drivers.text(width())).map(|()| ExitCode::SUCCESS);
    }
    [&arguments.html].into_iter().chain(json).flatten().try_for_each(|path| can_be_written(path))?;
    stop_on_interrupt();
    if let Some(address) = arguments.listen {
        return listen_command(address, arguments, json);
    }
    let bar = Bar::new(0);
    let shown = bar.0.clone();
    let progress: Progress = Arc::new(move |_, done, all| {
        shown.set_length(all as u64);
        shown.set_position(done as u64);
        !is_stopped()
    });
    let served = serve(arguments, &progress);
    bar.0.finish_and_clear();
    if is_stopped() {
        to_stderr("interrupted before all scenarios were played");
        return Ok(ExitCode::from(INTERRUPTED));
    }
    let served = served?;
    all([
        write(json, &served, || served.text(width())),
        arguments.html.as_ref().map_or(Ok(()), |path| to_file(path, &served_page(&served))),
    ])?;
    Ok(ExitCode::from(served.status()))
}

fn listen_command(address: SocketAddr, arguments: &ServeArguments, json: &Json) -> Result<ExitCode, UsageError> {
    record_stack_panics();
    let ready = |pages: &str| to_stderr(&format!("the scenarios are listed at {pages}/, until Ctrl-C"));
    let listening = Listening::until_stopped(address, arguments.only.as_deref(), arguments.patience(), ready)?;
    let verdicts = listening.verdicts();
    write(json, &verdicts, || verdicts.text(width()))?;
    Ok(ExitCode::from(u8::from(!verdicts.passes())))
}

fn list(json: &Json) -> Result<(), UsageError> {
    let names = Listing::new(scenarios::built_in()?);
    write(json, &names, || listing(&names, width()))
}

#[derive(Serialize)]
struct CatalogTable<E> {
    schema: u32,
    error_catalog: Vec<E>,
}

fn error_catalog(search: Option<&str>, json: &Json) -> Result<(), UsageError> {
    if let Some(text) = search {
        let found = CatalogTable { schema: report::SCHEMA, error_catalog: PrintedEntry::search(text) };
        if found.error_catalog.is_empty() {
            return Err(UsageError(format!("no error of the catalogue prints `{text}`: search for a part of it")));
        }
        return write(json, &found, || printed_entries(&found.error_catalog, width()));
    }
    let table = CatalogTable { schema: report::SCHEMA, error_catalog: CatalogEntryReport::all() };
    write(json, &table, || error_catalog_table(&table.error_catalog))
}

fn explain_command(what: &str, profile: Option<ProfileArgument>, json: &Json) -> Result<ExitCode, UsageError> {
    record_stack_panics();
    let found = find(what, profile.is_some())?;
    let profile = profile.map_or(Profile::Equal, Profile::from);
    let harness = Harness::with(profile, OWN_CLASSIFIERS);
    let cases: Vec<Case> = match found {
        Found::ErrorChain(chain) => {
            let case = run::judge_error_chain(&chain);
            write(json, &case, || report::error_chain::explain(&case, width()))?;
            return Ok(ExitCode::from(u8::from(case.broken.is_some())));
        }
        Found::ErrorText(case) => {
            write(json, &case, || report::error_text::explain(&case, width()))?;
            return Ok(ExitCode::SUCCESS);
        }
        Found::Client(name, sent) => {
            let harness = ServerHarness::servers(profile, OWN_CLASSIFIERS);
            let case = judge::judge(&harness, &sent.frames()).into_client_case(&name, &sent);
            write(json, &case, || report::server::explain(&case, width()))?;
            return Ok(ExitCode::from(u8::from(case.unexplained)));
        }
        Found::Scenarios(scenarios) => scenarios
            .iter()
            .map(|scenario| judge::judge_scenario(&harness, scenario).into_scenario_case(scenario))
            .collect(),
        Found::Script(name, script) => vec![judge::judge(&harness, &script).into_case(&name, &script)],
    };
    write(json, &cases, || cases.iter().map(|case| explain(case, width())).collect::<Vec<_>>().join("\n"))?;
    Ok(ExitCode::from(u8::from(cases.iter().any(Case::fails))))
}

fn minimize(what: &str, profile: Option<ProfileArgument>, json: &Json) -> Result<(), UsageError> {
    record_stack_panics();
    let whole = || {
        UsageError(format!(
            "{what} breaks no law, so there is nothing to minimise: what the author of a scenario expects is no law"
        ))
    };
    let found = find(what, profile.is_some())?;
    let profile = profile.map_or(Profile::Equal, Profile::from);
    let scripts = match found {
        Found::ErrorChain(chain) => {
            let smallest = judge::smallest_error_chain(&chain).ok_or_else(whole)?;
            return write(json, &run::judge_error_chain(&smallest), || format!("chain:{smallest}\n"));
        }
        Found::ErrorText(_) => return Err(UsageError("the text of an error cannot be made smaller".into())),
        Found::Client(_, sent) => {
            let harness = ServerHarness::servers(profile, OWN_CLASSIFIERS);
            let (smallest, judgement) = smallest_wrong(&harness, &sent.frames()).ok_or_else(whole)?;
            let case = judgement.into_client_case("smallest", &ClientBytes::of(&smallest));
            return write(json, &case, || format!("server:hex:{}\n", case.bytes));
        }
        Found::Scenarios(scenarios) => {
            scenarios.into_iter().map(|scenario| (scenario.name, scenario.script)).collect::<Vec<_>>()
        }
        Found::Script(_, script) => vec![("smallest".into(), script)],
    };
    let harness = Harness::with(profile, OWN_CLASSIFIERS);
    let mut cases: Vec<Case> = Vec::new();
    for (name, script) in &scripts {
        if let Some((smallest, judgement)) = smallest_wrong(&harness, script) {
            cases.push(judgement.into_case(name, &smallest));
        }
    }
    if cases.is_empty() {
        return Err(whole());
    }
    write(json, &cases, || cases.iter().map(Case::to_scenario).collect::<Vec<_>>().join("\n"))
}

/// The smallest script that breaks the laws as this one does; `None` if it breaks none.
fn smallest_wrong<S: Judged>(harness: &Harness<S>, script: &Script) -> Option<(Script, Judgement<S>)> {
    let Minimized { script: smallest, is_exhausted } = judge::smallest(harness, script);
    if is_exhausted {
        to_stderr("the search for a smaller case ran out of effort: minimize what it prints to continue");
    }
    let judgement = judge::judge(harness, &smallest);
    (!judgement.violations.is_empty()).then_some((smallest, judgement))
}

fn sweepable() -> Vec<&'static str> {
    let mut names: Vec<_> = LINES.iter().map(|line| line.name).collect();
    names.dedup();
    names
}

fn sweep_command(arguments: &SweepArguments, json: &Json) -> Result<ExitCode, UsageError> {
    let SweepArguments { name, versions, path, folder } = arguments;
    json.iter().flatten().try_for_each(|path| can_be_written(path))?;
    stop_on_interrupt();
    let bar = release_bar();
    let swept = sweep::run(name, versions.as_ref(), path.as_deref(), folder.clone(), &bar);
    bar.finish_and_clear();
    let sweep = match swept {
        Err(SweepError::Stopped) => {
            to_stderr("interrupted before a release was done");
            return Ok(ExitCode::from(INTERRUPTED));
        }
        swept => swept?,
    };
    write(json, &sweep, || table(&sweep))?;
    if is_stopped() {
        to_stderr("interrupted: the same command continues where it stopped");
        return Ok(ExitCode::from(INTERRUPTED));
    }
    Ok(ExitCode::from(u8::from(!sweep.is_clean())))
}

fn night(folder: &Path, before: Option<&Path>, json: &Json) -> Result<ExitCode, UsageError> {
    record_stack_panics();
    let before = before.map(night_before).transpose()?.unwrap_or_default();
    let night = Night::new(tonight(folder)?, &before);
    write_night(folder, &night)?;
    write(json, &night, || night::text::summary(&night))?;
    Ok(ExitCode::from(u8::from(!night.is_quiet())))
}

#[derive(Serialize)]
struct SeedTable {
    schema: u32,
    targets: Vec<TargetSeeds>,
}

#[derive(Serialize)]
struct TargetSeeds {
    name: &'static str,
    about: &'static str,
    seeds: usize,
    bytes: usize,
}

fn seeds(folder: &Path, json: &Json) -> Result<(), UsageError> {
    let mut table = SeedTable { schema: report::SCHEMA, targets: Vec::new() };
    for target in TARGETS {
        let folder = folder.join(target.name);
        fs::create_dir_all(&folder).map_err(|error| unwritable(&folder, &error))?;
        let seeds = (target.seeds)();
        for (name, bytes) in &seeds {
            let path = folder.join(name);
            fs::write(&path, bytes).map_err(|error| unwritable(&path, &error))?;
        }
        let bytes = seeds.iter().map(|(_, bytes)| bytes.len()).sum();
        table.targets.push(TargetSeeds { name: target.name, about: target.about, seeds: seeds.len(), bytes });
    }
    write(json, &table, || {
        let line = |target: &TargetSeeds| {
            let TargetSeeds { name, about, seeds, bytes } = target;
            format!("{name:10}{seeds:5} seeds, {bytes:6} bytes  {about}\n")
        };
        table.targets.iter().map(line).collect()
    })
}
