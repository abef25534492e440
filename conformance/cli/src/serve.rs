//! `serve`: checks a client that is a program, in any language. The suite is the server, and runs the program once for
//! each request.

use crate::UsageError;
use conformance::{
    check::{ClientFailed, ClientFinding, ClientPassed, Played, Tolerated, Why},
    client,
    client_driver::{Client, ClientInstance, Clock, Endpoint, Failure, Reach, ResponseFuture, Retries},
    oracles::clients::Mistake,
    report::SCHEMA,
    script::{BodyEnd, Method, Request, Script, Step},
    stacks::{BoxError, Content, Part},
    vocabulary::{Phase, StackName},
};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use std::{
    env,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    process::{self, ExitStatus, Stdio},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use tokio::process::Command;

/// What `serve` is asked to do.
#[derive(clap::Args)]
pub struct ServeArguments {
    /// The command to run for each request. `{url}` stands for its URL, `{method}` for its method, and `{body_file}` for a
    /// file with its content. Without `{method}` only GET is played; without `{body_file}`, only requests without content.
    /// Its exit status and its standard output are what the application got.
    #[arg(long, value_name = "COMMAND")]
    client: String,
    /// Serve over TLS: `{ca_file}` stands for a file with the certificate to trust.
    #[cfg(feature = "tls")]
    #[arg(long)]
    tls: bool,
    /// The client promises to send again what was not processed.
    #[arg(long)]
    retries: bool,
    /// The client makes mistakes in this scenario. The check fails if it does not any more.
    #[arg(long, value_name = "SCENARIO")]
    knows: Vec<String>,
    /// Play only this scenario.
    #[arg(long, value_name = "SCENARIO")]
    only: Option<String>,
    /// How long the client may take to connect, to retry, or to end a request.
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 2_000)]
    patience: u64,
}

/// What became of a client.
#[derive(Debug, Serialize, Deserialize)]
pub struct Served {
    schema: u32,
    client: String,
    plays: usize,
    unplayable: Vec<String>,
    tolerated: Vec<Tolerated>,
    findings: Vec<ServedFinding>,
    stale: Vec<String>,
    #[serde(skip)]
    text: String,
}

/// A kind of mistake, with a scenario that shows it.
#[derive(Debug, Serialize, Deserialize)]
struct ServedFinding {
    mistake: Mistake,
    scenario: String,
    played: Played,
    others: Vec<String>,
    script: String,
    exchange: Vec<String>,
    application: Vec<String>,
    model: Vec<String>,
}

impl Served {
    /// Whether nothing is wrong with the client.
    pub fn passes(&self) -> bool {
        self.findings.is_empty() && self.stale.is_empty()
    }

    /// The result in words.
    pub fn text(&self) -> String {
        self.text.clone()
    }
}

/// Plays the scenarios to a program. Calls `progress` with the number of scenarios that are done, and of all; if it returns
/// `false`, the check ends with what it has.
///
/// # Errors
///
/// If the command cannot be run, or nothing can be played to it.
pub fn serve(
    arguments: &ServeArguments,
    progress: impl Fn(usize, usize) -> bool + Send + Sync + 'static,
) -> Result<Served, UsageError> {
    let program = Program::new(arguments)?;
    let mut check = client(program.name()).progress(progress);
    for scenario in &arguments.knows {
        check = check.knows(scenario, "known on the command line");
    }
    if let Some(only) = &arguments.only {
        check = check.only(only);
    }
    let name = program.name().to_owned();
    match check.check_client(&program) {
        Ok(passed) => {
            let text = format!("{passed}\n");
            let ClientPassed { plays, unplayable, tolerated, .. } = passed;
            let (findings, stale) = (Vec::new(), Vec::new());
            Ok(Served { schema: SCHEMA, client: name, plays, unplayable, tolerated, findings, stale, text })
        }
        Err(failed) => {
            let text = failed.to_string();
            let ClientFailed { why, .. } = failed;
            let Why::Mistakes { findings, stale, plays, unplayable, tolerated } = *why else {
                return Err(UsageError(text.trim_end().to_owned()));
            };
            let findings = findings.into_iter().map(ServedFinding::from).collect();
            Ok(Served { schema: SCHEMA, client: name, plays, unplayable, tolerated, findings, stale, text })
        }
    }
}

impl From<ClientFinding> for ServedFinding {
    fn from(finding: ClientFinding) -> ServedFinding {
        let ClientFinding { mistake, scenario, played, others, script, exchange, application, model } = finding;
        ServedFinding { mistake, scenario, played, others, script: script.to_toml(), exchange, application, model }
    }
}

/// A program that sends one request.
struct Program {
    words: Vec<String>,
    name: String,
    reach: Reach,
    promise: Retries,
    patience: Duration,
}

impl Program {
    fn new(arguments: &ServeArguments) -> Result<Program, UsageError> {
        let words = shlex::split(&arguments.client).filter(|words| !words.is_empty());
        let words = words.ok_or_else(|| UsageError(format!("`{}` is no command", arguments.client)))?;
        if !words.iter().any(|word| word.contains("{url}")) {
            return Err(UsageError("the command does not say where the URL goes: write `{url}` there".into()));
        }
        if !is_there(Path::new(&words[0])) {
            return Err(UsageError(format!("there is no program `{}`", words[0])));
        }
        if words.iter().any(|word| word.contains("{ca_file}")) && arguments.reach() == Reach::PriorKnowledge {
            return Err(UsageError("there is a certificate only with `--tls`".into()));
        }
        let name = Path::new(&words[0]).file_name().map(|name| name.to_string_lossy().into_owned());
        Ok(Program {
            name: name.unwrap_or_else(|| words[0].clone()),
            words,
            reach: arguments.reach(),
            promise: if arguments.retries { Retries::Automatic } else { Retries::NotPromised },
            patience: Duration::from_millis(arguments.patience),
        })
    }

    fn takes(&self, placeholder: &str) -> bool {
        self.words.iter().any(|word| word.contains(placeholder))
    }

    /// Whether the program can be told to send this request.
    fn can_send(&self, request: &Request) -> bool {
        let body = request.body();
        let method = request.method() == Method::Get || self.takes("{method}");
        let content = body.size() == 0 || self.takes("{body_file}");
        method && content && body.end() == BodyEnd::Complete && request.headers().is_empty()
    }
}

/// Whether there is such a file, or one in a folder of `PATH` if it is only a name.
fn is_there(program: &Path) -> bool {
    let is_name = program.components().count() == 1;
    let folders = env::var_os("PATH").unwrap_or_default();
    program.is_file() || (is_name && env::split_paths(&folders).any(|folder| folder.join(program).is_file()))
}

impl ServeArguments {
    #[cfg(feature = "tls")]
    fn reach(&self) -> Reach {
        if self.tls { Reach::Tls } else { Reach::PriorKnowledge }
    }

    #[cfg(not(feature = "tls"))]
    fn reach(&self) -> Reach {
        Reach::PriorKnowledge
    }
}

impl Client for Program {
    fn name(&self) -> &str {
        &self.name
    }

    fn about(&self) -> &str {
        "a program that sends one request"
    }

    fn version(&self) -> String {
        self.name.clone()
    }

    fn stack(&self) -> Option<StackName> {
        None
    }

    fn promise(&self) -> Retries {
        self.promise
    }

    fn reach(&self) -> Reach {
        self.reach
    }

    fn clock(&self) -> Clock {
        Clock::Real { patience: self.patience }
    }

    /// A program has a connection of its own, so requests that share one cannot be played.
    fn unplayable(&self, script: &Script) -> Vec<usize> {
        let requests = script.steps().iter().enumerate();
        let requests = requests.filter_map(|(index, step)| match step {
            Step::Request(request) => Some((index, request)),
            _ => None,
        });
        let further = requests.enumerate().filter(|(number, (_, request))| *number > 0 || !self.can_send(request));
        further.map(|(_, (index, _))| index).collect()
    }

    fn instance(&self, endpoint: &Endpoint) -> Result<Box<dyn ClientInstance>, BoxError> {
        let certificate = self.takes("{ca_file}").then(|| TemporaryFile::new(endpoint.certificate.as_bytes()));
        Ok(Box::new(Requests {
            words: self.words.clone(),
            origin: endpoint.url().to_owned(),
            certificate: certificate.transpose()?,
        }))
    }
}

/// The program, for one script.
struct Requests {
    words: Vec<String>,
    origin: String,
    certificate: Option<TemporaryFile>,
}

impl ClientInstance for Requests {
    fn send(&self, number: usize, request: &Request) -> ResponseFuture {
        let content = Content::new(number, request.body()).whole().unwrap_or_default();
        let file = self.words.iter().any(|word| word.contains("{body_file}")).then(|| TemporaryFile::new(&content));
        let (file, made) = match file.transpose() {
            Ok(file) => (file, Ok(())),
            Err(error) => (None, Err(error)),
        };
        let path = |file: &Option<TemporaryFile>| file.as_ref().map(TemporaryFile::path).unwrap_or_default();
        let words = self.words.iter().map(|word| {
            word.replace("{url}", &format!("{}/{number}", self.origin))
                .replace("{method}", request.method().name())
                .replace("{body_file}", &path(&file))
                .replace("{ca_file}", &path(&self.certificate))
        });
        let words: Vec<String> = words.collect();
        Box::pin(async move {
            let failed = |error: BoxError| Failure { phase: Phase::Head, error, label: None };
            made.map_err(|error| failed(error.into()))?;
            let mut command = Command::new(&words[0]);
            command.args(&words[1..]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
            #[cfg(unix)]
            command.process_group(0);
            let child = command.kill_on_drop(true).spawn().map_err(|error| failed(error.into()))?;
            #[cfg(unix)]
            let _group = Group::of(&child);
            let output = child.wait_with_output().await;
            drop(file);
            let output = output.map_err(|error| failed(error.into()))?;
            let ended = Ended { status: output.status, said: String::from_utf8_lossy(&output.stderr).trim().into() };
            let error = (!ended.status.success()).then_some(ended);
            match error {
                Some(error) if output.stdout.is_empty() => Err(failed(error.into())),
                error => {
                    let body = Ok(Part::Data(output.stdout.into()));
                    let parts = [body].into_iter().chain(error.map(|error| Err(error.into())));
                    Ok((None, Box::pin(stream::iter(parts)) as _))
                }
            }
        })
    }
}

/// A program and what it has started, which end when this is dropped.
#[cfg(unix)]
struct Group(Option<rustix::process::Pid>);

#[cfg(unix)]
impl Group {
    /// The child leads a group of its own.
    fn of(child: &tokio::process::Child) -> Group {
        Group(child.id().and_then(|id| rustix::process::Pid::from_raw(i32::try_from(id).ok()?)))
    }
}

#[cfg(unix)]
impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // Usually it has ended already.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

/// How a program ended that failed.
#[derive(Debug, thiserror::Error)]
#[error("{status}: {said}")]
struct Ended {
    status: ExitStatus,
    said: String,
}

/// A file that is deleted when it is dropped.
struct TemporaryFile(PathBuf);

impl TemporaryFile {
    fn new(content: &[u8]) -> io::Result<TemporaryFile> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("conformance-{}-{number}", process::id()));
        File::create_new(&path)?.write_all(content)?;
        Ok(TemporaryFile(path))
    }

    fn path(&self) -> String {
        self.0.display().to_string()
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        // It is in the folder for temporary files.
        let _ = fs::remove_file(&self.0);
    }
}
