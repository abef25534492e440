//! The commands of the command line.

mod arguments;

use arguments::{Arguments, Command, ProfileArgument, ReportArguments, RunArguments, SweepArguments};
use clap::Parser;
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
    scenarios::{self, Scenario},
    script::Script,
    servers::{ClientBytes, ServerHarness},
    stacks::{Profile, panics::record_stack_panics, write_ahead},
    vocabulary::StackName,
};
use conformance_cli::{
    UsageError,
    client_tables::{client_tables, extra_run_tables, log_table, wrongs},
    findings::{Findings, findings_text},
    html::{page, served_page},
    input::{Found, SHARD, baseline, corpus, find, read_json},
    junit::junit,
    listing::{Listing, listing},
    night::{
        self, Night,
        folder::{night_before, tonight, write_night},
    },
    output::{Json, all, can_be_written, to_file, to_stderr, unwritable, width, write},
    progress::{Bar, INTERRUPTED, is_stopped, release_bar, stop_on_interrupt},
    reproduce::{WrittenProjects, every_case, listener, reproduce},
    serve::{Drivers, Progress, ProtocolSchema, ServeArguments, listen::Listening, serve},
    sweep::{self, SweepError, table},
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

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    record_stack_panics();
    let outcome = match &arguments.command {
        None => run(&arguments.run, &arguments.json),
        Some(Command::List) => list(&arguments.json).map(|()| ExitCode::SUCCESS),
        Some(Command::Errors { search }) => {
            error_catalog(search.as_deref(), &arguments.json).map(|()| ExitCode::SUCCESS)
        }
        Some(Command::Findings { project }) => {
            findings(project.as_deref(), &arguments.json).map(|()| ExitCode::SUCCESS)
        }
        Some(Command::Clients) => clients(&arguments.json).map(|()| ExitCode::SUCCESS),
        Some(Command::Serve(serve)) => serve_command(serve, &arguments.json),
        Some(Command::Explain { what, profile }) => explain_command(what, *profile, &arguments.json),
        Some(Command::Minimize { what, profile }) => {
            minimize(what, *profile, &arguments.json).map(|()| ExitCode::SUCCESS)
        }
        Some(Command::Reproduce { what: Some(what), listener: true, .. }) => {
            listener_command(what, &arguments.json).map(|()| ExitCode::SUCCESS)
        }
        Some(Command::Reproduce { what, stack, to, issue, .. }) => {
            let stack = stack.map(StackName::from);
            reproduce_command(what.as_deref(), stack, to.as_deref(), *issue, &arguments.json)
                .map(|()| ExitCode::SUCCESS)
        }
        Some(Command::Sweep(sweep)) => sweep_command(sweep, &arguments.json),
        Some(Command::Night { folder, before }) => night(folder, before.as_deref(), &arguments.json),
        Some(Command::Merge { shards, report }) => merge(shards, report, &arguments.json),
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
        shard: arguments.shard,
    };
    let report = &arguments.report;
    report.can_be_written(json)?;
    let baseline = report.baseline(config.profile)?;
    stop_on_interrupt();
    write_ahead(env::temp_dir().join("conformance-under-play"));
    let scenarios: Vec<Scenario> = config.shard.of_all(&config.scenarios).cloned().collect();
    let cases = scenarios.len() as u64 * (1 + CLIENTS.len() as u64) + config.corpus.len() as u64;
    let bar = Bar::new(cases + (config.cases + config.error_chains) / config.shard.of);
    let mut run: Run = run::run(&config, &bar);
    if !is_stopped() {
        run.clients = play_clients(&scenarios, CLIENTS.iter().copied(), &bar)?;
    }
    bar.0.finish_and_clear();
    run.interrupted = is_stopped();
    report.write(run, baseline, json)
}

fn merge(shards: &[PathBuf], report: &ReportArguments, json: &Json) -> Result<ExitCode, UsageError> {
    report.can_be_written(json)?;
    let shards = shards.iter().map(|path| read_json(path, SHARD)).collect::<Result<_, _>>()?;
    let whole = Run::merged(shards).map_err(|error| UsageError(error.to_string()))?;
    let baseline = report.baseline(whole.profile)?;
    report.write(whole, baseline, json)
}

impl ReportArguments {
    /// Before a run: whether its report can be written.
    fn can_be_written(&self, json: &Json) -> Result<(), UsageError> {
        let mut forms: Vec<&PathBuf> = [&self.html, &self.junit].into_iter().chain(json).flatten().collect();
        // Without `.` between them, one file has one path.
        let absolute = |path: &Path| path::absolute(path).unwrap_or_else(|_| path.to_owned());
        forms.sort_by_cached_key(|path| absolute(path));
        if let Some(pair) = forms.windows(2).find(|pair| absolute(pair[0]) == absolute(pair[1])) {
            let path = pair[0].display();
            return Err(UsageError(format!("{path} was given for two forms of the run: each needs its own file")));
        }
        forms.into_iter().try_for_each(|path| can_be_written(path))
    }

    /// The earlier run, with the same settings of the stacks.
    fn baseline(&self, profile: Profile) -> Result<Option<Run>, UsageError> {
        self.baseline.as_deref().map(|path| baseline(path, profile)).transpose()
    }

    /// Writes the report of a run in all its forms. The exit status of the run.
    fn write(&self, mut run: Run, baseline: Option<Run>, json: &Json) -> Result<ExitCode, UsageError> {
        run.baseline = baseline.map(|baseline| {
            let mut diff = BaselineDiff::between(&baseline, &run);
            run::add_replays(&mut diff, &run);
            diff
        });
        all([
            write(json, &run, || summary(&run, self.verbose, width())),
            self.html.as_ref().map_or(Ok(()), |path| to_file(path, &page(&run))),
            self.junit.as_ref().map_or(Ok(()), |path| to_file(path, &junit(&run))),
        ])?;
        if run.interrupted {
            return Ok(ExitCode::from(INTERRUPTED));
        }
        Ok(ExitCode::from(u8::from(!run.passes())))
    }
}

#[derive(Serialize)]
struct ClientTable {
    schema: u32,
    clients: Vec<ClientReport>,
    extra_runs: ExtraRuns,
}

fn clients(json: &Json) -> Result<(), UsageError> {
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
    if arguments.schema {
        let schema = ProtocolSchema::new();
        return write(json, &schema, || serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n")
            .map(|()| ExitCode::SUCCESS);
    }
    if arguments.list_drivers {
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
    let progress: Progress = Arc::new(move |done, all| {
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

fn findings(project: Option<&str>, json: &Json) -> Result<(), UsageError> {
    let findings = Findings::new(project);
    write(json, &findings, || findings_text(&findings, width()))
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
        Found::FrameLog(log) => {
            let case = run::judge_frame_log(log, profile);
            write(json, &case, || report::frame_log::explain(&case, width()))?;
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
        Found::FrameLog(log) => {
            let scripts = log.connections.into_iter().zip(1..);
            scripts.map(|(connection, number)| (format!("connection-{number}"), connection.script)).collect()
        }
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

fn reproduce_command(
    what: Option<&str>,
    stack: Option<StackName>,
    to: Option<&Path>,
    with_issue: bool,
    json: &Json,
) -> Result<(), UsageError> {
    let cases = what.map_or_else(every_case, |what| Ok(vec![what.to_owned()]))?;
    let mut written = WrittenProjects::default();
    for case in &cases {
        let project = reproduce(case, stack)?;
        let folder = match (to, what) {
            (Some(to), Some(_)) => to.to_owned(),
            (to, _) => to.unwrap_or(Path::new("")).join(&project.name),
        };
        written.projects.push(project.write(&folder, with_issue)?);
    }
    write(json, &written, || written.text())
}

fn listener_command(what: &str, json: &Json) -> Result<(), UsageError> {
    let listener = listener(what)?;
    write(json, &listener, || listener.program.clone())
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
