//! `serve`: checks clients that are programs, in any language. The suite is their server.

mod command;
mod driver;
mod driver_process;
mod installation;
pub mod listen;
mod messages;
mod pages;
pub mod ports;
mod process;
mod result;
mod shipped;
pub(crate) mod table;

pub use messages::ProtocolSchema;
pub use result::{Served, ServedChange, ServedClient, ServedDiff, Unchecked};
pub use shipped::Drivers;

use crate::{UsageError, input::read_json, progress::is_stopped};
use clap::ArgGroup;
use command::Program;
use conformance::{
    check::{ClientFailed, ClientResult},
    client,
    client_driver::{Client, Reach, Retries},
    report::SCHEMA,
};
use driver::Driver;
use shipped::{SHIPPED, Started, started};
use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

/// The command that writes a result, for messages.
const SERVE: &str = "conformance serve … --json=FILE";

/// Stands for every client that has a driver and can run here.
const ALL: &str = "all";

/// What `serve` is asked to do.
#[derive(clap::Args)]
#[command(group(ArgGroup::new("clients").required(true).multiple(true)))]
pub struct ServeArguments {
    /// A command to run for each request. `{url}` stands for its URL, `{method}` for its method, and `{body_file}` for a
    /// file with its content. Without `{method}` only GET is played; without `{body_file}`, only requests without content.
    /// Its exit status and its standard output are what the application got.
    #[arg(long, value_name = "COMMAND", group = "clients")]
    client: Vec<String>,
    /// A client that the suite has a driver for, `all` for each of them that can run here, or a command that starts a
    /// driver: a process that takes requests and tells what became of them, as lines of JSON.
    #[arg(long, value_name = "NAME|COMMAND", group = "clients")]
    driver: Vec<String>,
    /// Put each scenario on a port of its own, for a client that you start: pages at this address list them, each with its
    /// verdict. The scenarios have the ports behind it; with port 0, the system chooses all of them.
    #[arg(long, value_name = "ADDRESS", group = "clients", conflicts_with_all = ["client", "driver"])]
    pub listen: Option<SocketAddr>,
    /// List the clients that the suite has a driver for, and what is missing where one cannot run here.
    #[arg(long, group = "clients")]
    pub list_drivers: bool,
    /// Print the JSON Schemas of the lines between the suite and a driver.
    #[arg(long, group = "clients")]
    pub schema: bool,
    /// Serve over TLS: `{ca_file}` in a command stands for a file with the certificate to trust. Without it, a driver says
    /// what its client can do.
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
    pub only: Option<String>,
    /// Also write the result as a page for a browser.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Also print what is new since an earlier result that `--json=FILE` wrote.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Check the client in each of these versions, separated by spaces, in this order, and say what changed from one to the
    /// next. Takes one client.
    #[arg(long, value_name = "LIST", requires = "install", conflicts_with = "listen", value_parser = is_list)]
    versions: Option<String>,
    /// The command that installs a version of the client, with `{version}` in its place.
    #[arg(long, value_name = "COMMAND", requires = "versions")]
    install: Option<String>,
    /// How long the client may take to connect, to retry, or to end a request.
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 2_000)]
    patience: u64,
}

/// A list of versions that is not empty.
fn is_list(versions: &str) -> Result<String, String> {
    let is_empty = versions.split_whitespace().next().is_none();
    if is_empty { Err("it has no version; for example \"0.27.0 0.28.1\"".into()) } else { Ok(versions.to_owned()) }
}

impl ServeArguments {
    /// How the clients are to be reached, if that is said.
    #[cfg(feature = "tls")]
    fn reach(&self) -> Option<Reach> {
        self.tls.then_some(Reach::Tls)
    }

    #[cfg(not(feature = "tls"))]
    fn reach(&self) -> Option<Reach> {
        None
    }

    fn promise(&self) -> Retries {
        if self.retries { Retries::Automatic } else { Retries::NotPromised }
    }

    /// How long the client may take.
    pub fn patience(&self) -> Duration {
        Duration::from_millis(self.patience)
    }
}

/// Called with the number of scenarios that are done, and of all. Says whether to go on.
pub type Progress = Arc<dyn Fn(usize, usize) -> bool + Send + Sync>;

/// Plays the scenarios to each client. If `progress` says so, the check ends with what it has.
///
/// # Errors
///
/// If a command cannot be run, or nothing can be played to it.
pub fn serve(arguments: &ServeArguments, progress: &Progress) -> Result<Served, UsageError> {
    let wanted = arguments.reach();
    let baseline: Option<Served> = arguments.baseline.as_deref().map(|path| read_json(path, SERVE)).transpose()?;
    let program = |command: &str| Program::new(command, wanted.unwrap_or(Reach::PriorKnowledge), arguments);
    let mut served =
        Served { schema: SCHEMA, clients: Vec::new(), unchecked: Vec::new(), baseline: None, changes: Vec::new() };
    for Wanted { called, chosen, version } in arguments.wanted()? {
        if is_stopped() {
            break;
        }
        let installed = version.map_or(Ok(()), |version| arguments.installs(version));
        let checked = installed.and_then(|()| chosen.started()).and_then(|started| match started {
            Started::Command(command) => check(&program(&command)?, arguments, progress),
            // What was built is kept until the driver has ended.
            Started::Driver(command, _built) => {
                let driver = Driver::new(&command, wanted, arguments)?;
                match served.clients.last().filter(|before| version.is_some() && before.result.client == driver.name())
                {
                    Some(_) => {
                        Err(UsageError(format!("after the installation it still says that it is {}", driver.name())))
                    }
                    None => check(&driver, arguments, progress),
                }
            }
        });
        match checked {
            Ok(result) => served.clients.push(ServedClient { command: called, result }),
            Err(UsageError(why)) => {
                let shipped =
                    SHIPPED.iter().find(|shipped| matches!(chosen, Chosen::Driver(name) if name == shipped.name));
                let needs =
                    shipped.map_or_else(String::new, |shipped| format!(". {} needs: {}", shipped.name, shipped.needs));
                served.unchecked.push(Unchecked { command: called, why: why + &needs });
            }
        }
    }
    if served.clients.is_empty() {
        let why: Vec<String> = served.unchecked.into_iter().map(|unchecked| unchecked.why).collect();
        return Err(UsageError(why.join("\n")));
    }
    if arguments.versions.is_some() {
        served.changes = served.changes();
    }
    served.baseline = baseline.map(|baseline| ServedDiff::between(&baseline, &served));
    Ok(served)
}

/// A client to check.
struct Wanted<'a> {
    /// What it is called in the result.
    called: String,
    chosen: Chosen<'a>,
    /// The version to install first.
    version: Option<&'a str>,
}

/// A client, as it was chosen on the command line.
#[derive(Clone, Copy)]
enum Chosen<'a> {
    /// The command for each request.
    Command(&'a str),
    /// The name of a client that has a driver, or the command of a driver.
    Driver(&'a str),
}

impl Chosen<'_> {
    fn started(self) -> Result<Started, UsageError> {
        match self {
            Chosen::Command(command) => Ok(Started::Command(command.to_owned())),
            Chosen::Driver(driver) => started(driver),
        }
    }
}

impl ServeArguments {
    /// The clients to check, in order.
    fn wanted(&self) -> Result<Vec<Wanted<'_>>, UsageError> {
        let runnable = || SHIPPED.iter().filter(|shipped| shipped.client().is_ok()).map(|shipped| shipped.name);
        let mut chosen: Vec<(&str, Chosen<'_>)> = Vec::new();
        chosen.extend(self.client.iter().map(|command| (command.as_str(), Chosen::Command(command))));
        for driver in &self.driver {
            match driver.as_str() {
                ALL => chosen.extend(runnable().map(|name| (name, Chosen::Driver(name)))),
                driver => chosen.push((driver, Chosen::Driver(driver))),
            }
        }
        match (&self.versions, &chosen[..]) {
            (None, chosen) => {
                let wanted = chosen.iter();
                Ok(wanted
                    .map(|(name, chosen)| Wanted { called: (*name).into(), chosen: *chosen, version: None })
                    .collect())
            }
            (Some(versions), [(name, chosen)]) => {
                let each = versions.split_whitespace();
                let wanted =
                    |version| Wanted { called: format!("{name} {version}"), chosen: *chosen, version: Some(version) };
                Ok(each.map(wanted).collect())
            }
            (Some(_), _) => Err(UsageError("`--versions` takes one client".into())),
        }
    }

    /// Installs a version of the client.
    fn installs(&self, version: &str) -> Result<(), UsageError> {
        self.install.as_ref().map_or(Ok(()), |command| installation::install(command, version))
    }
}

fn check(program: &dyn Client, arguments: &ServeArguments, progress: &Progress) -> Result<ClientResult, UsageError> {
    let progress = progress.clone();
    let mut check = client(program.name()).progress(move |done, all| progress(done, all));
    for scenario in &arguments.knows {
        check = check.knows(scenario, "known on the command line");
    }
    if let Some(only) = &arguments.only {
        check = check.only(only);
    }
    match check.check_client(program) {
        Ok(result) => Ok(result),
        Err(ClientFailed::Mistakes(result)) => Ok(*result),
        Err(unplayed @ ClientFailed::Unplayed { .. }) => Err(UsageError(unplayed.to_string().trim_end().to_owned())),
    }
}
