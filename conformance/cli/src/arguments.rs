//! The arguments of the command line.

use clap::{Parser, Subcommand, ValueEnum, builder::PossibleValuesParser};
use conformance::{report::shards::Shard, stacks::Profile, vocabulary::StackName};
use conformance_cli::{
    findings::Findings,
    serve::ServeArguments,
    sweep::{LINES, Range},
};
use std::path::PathBuf;

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
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) run: RunArguments,
    /// Write JSON: to FILE, or to standard output in place of the text.
    #[arg(long, global = true, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    pub(super) json: Option<Option<PathBuf>>,
}

#[derive(clap::Args)]
pub(super) struct RunArguments {
    /// Number of scripts to generate.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    pub(super) cases: u64,
    /// Number of error chains to check: first every entry of the error catalogue in every phase, then generated chains.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    pub(super) error_chains: u64,
    /// Seed of the generated scripts and error chains: the same seed gives the same result.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(super) seed: u64,
    /// Settings of the stacks.
    #[arg(long, value_enum, default_value_t = ProfileArgument::Equal)]
    pub(super) profile: ProfileArgument,
    /// Play only this part of all, such as 1/4. `merge` joins the JSON of all parts to that of the whole run.
    #[arg(long, value_name = "I/N", default_value_t = Shard::WHOLE, hide_default_value = true)]
    pub(super) shard: Shard,
    /// Folder of corpus files to replay [default: the suite's own].
    #[arg(long, value_name = "DIR")]
    pub(super) corpus: Option<PathBuf>,
    #[command(flatten)]
    pub(super) report: ReportArguments,
}

/// How a run is reported.
#[derive(clap::Args)]
pub(super) struct ReportArguments {
    /// Print the tables too, and every finding in full.
    #[arg(long)]
    pub(super) verbose: bool,
    /// Also write the run as a page for a browser.
    #[arg(long, value_name = "FILE")]
    pub(super) html: Option<PathBuf>,
    /// Also write the run as JUnit XML.
    #[arg(long, value_name = "FILE")]
    pub(super) junit: Option<PathBuf>,
    /// Also print what is new since an earlier run that `--json=FILE` wrote.
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum ProfileArgument {
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

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum StackArgument {
    /// hyper 0.14 on h2 0.3.
    Legacy,
    /// hyper 1 on h2 0.4.
    Modern,
}

impl From<StackArgument> for StackName {
    fn from(argument: StackArgument) -> StackName {
        match argument {
            StackArgument::Legacy => StackName::Legacy,
            StackArgument::Modern => StackName::Modern,
        }
    }
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Lists the scenarios and the known divergences, each with a description.
    List,
    /// Lists the error catalogue: every error that the stacks can give, with its links on each stack, or why a stack
    /// has no such error.
    Errors {
        /// List only the errors that print this, each with what it prints.
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
    },
    /// Lists the faults that are worth filing upstream, by project and the worst first: what each does to an application,
    /// the clause, since when, where it is reported, and what an application can do until it is fixed.
    ///
    /// `data lost`, `run twice`, `hang`, `malformed` (handed over as valid), `failure` and `protocol` (an application does
    /// not see it) are in this order. What RFC 9113 leaves open is no fault: `list` has it.
    #[command(after_help = "Example: conformance findings hyper")]
    Findings {
        /// The crate [default: all].
        #[arg(value_name = "CRATE", value_parser = PossibleValuesParser::new(Findings::projects()))]
        project: Option<String>,
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
    /// Explains one case, from the first frame to the verdict, or what a log says: an error, or frames.
    ///
    /// For an error from a log it says whether the request was processed, whether a GET and a POST may be sent again, and
    /// what the text does not say; for a log of frames, what became of each stream.
    ///
    /// Exit status: 0 if every law holds or the ledger explains why not, or if the text was understood, 1 if not or if the
    /// model disagrees with what a scenario expects, 2 if the case cannot be played or the text was not understood.
    #[command(after_help = "Example: conformance explain \"operation was canceled: connection closed\"")]
    Explain {
        /// The case
        ///
        /// NAME        a scenario or a known divergence: `list` shows their names
        /// TEXT        an error from a log, as `Display`, `Debug` or anyhow print it
        /// FILE        scenarios as TOML, the bytes of a script, a log of errors or of frames
        ///             (`RUST_LOG=h2=debug`, `nghttp -v`, curl), or a capture of packets (pcap, pcapng);
        ///             `-` is standard input
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
    /// Writes a cargo project that shows one fault, and depends on hyper, h2 and tokio alone.
    ///
    /// `cargo run` in its folder prints what is expected and what is seen, and exits with 1 while the fault is there and
    /// with 0 once it is gone. If nothing is wrong, it exits with 0 until what is seen changes. Exit status: 0, or 2 if there
    /// is no project for the case or the folder cannot be written.
    #[command(after_help = "Example: conformance reproduce cancel-ends-the-body --issue")]
    Reproduce {
        /// The case, given as for `explain`, but no error [default: every known divergence, and every scenario that a
        /// stack does not meet].
        #[arg(value_name = "CASE")]
        what: Option<String>,
        /// Stack that the program uses [default: the one that shows the fault].
        #[arg(long, value_enum, hide_possible_values = true, value_name = "legacy|modern")]
        stack: Option<StackArgument>,
        /// Folder of the project; without CASE, of all projects [default: the name of the case].
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
        /// Also write `issue.md`, the text of a bug report.
        #[arg(long)]
        issue: bool,
        /// Write no project, but print a program in Python that plays the case to a client in any language.
        #[arg(long, requires = "what", conflicts_with_all = ["stack", "to", "issue"])]
        listener: bool,
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
    /// Joins the shards of a run: reads what `--shard I/N --json=FILE` wrote, and reports the whole run.
    ///
    /// Exit status: that of the whole run, or 2 if the files are not all shards of one run, each once.
    #[command(after_help = "Example: conformance merge shard-*.json --html report.html")]
    Merge {
        /// The files, in any order.
        #[arg(value_name = "FILE", required = true)]
        shards: Vec<PathBuf>,
        #[command(flatten)]
        report: ReportArguments,
    },
    /// Writes the seeds of the fuzz targets: a folder for each target, with a file for each seed.
    Seeds {
        /// The folder. It is created if it does not exist; files in it are kept.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

#[derive(clap::Args)]
pub(super) struct SweepArguments {
    /// The crate.
    #[arg(value_name = "CRATE", value_parser = PossibleValuesParser::new(sweepable()))]
    pub(super) name: String,
    /// The releases: `0.4.5`, `0.4`, `0.4.5..0.4.9`, `0.4.5..` or `..0.4.9`, both ends included [default: all].
    #[arg(value_name = "VERSIONS")]
    pub(super) versions: Option<Range>,
    /// A checkout of the crate, played after these releases; without VERSIONS, after the newest release only.
    #[arg(long, value_name = "DIR")]
    pub(super) path: Option<PathBuf>,
    /// Folder for the packages of the releases and their results [default: target/sweep of the suite].
    #[arg(long, value_name = "DIR")]
    pub(super) folder: Option<PathBuf>,
}

fn sweepable() -> Vec<&'static str> {
    let mut names: Vec<_> = LINES.iter().map(|line| line.name).collect();
    names.dedup();
    names
}
