//! `serve`: checks clients that are programs, in any language. The suite is their server.

mod command;
mod driver;
mod driver_process;
mod messages;
mod process;

use crate::UsageError;
use command::Program;
use conformance::{
    check::{ClientFailed, ClientResult},
    client,
    client_driver::{Client, Reach, Retries},
    report::SCHEMA,
};
use driver::Driver;
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

/// What `serve` is asked to do.
#[derive(clap::Args)]
pub struct ServeArguments {
    /// A command to run for each request. `{url}` stands for its URL, `{method}` for its method, and `{body_file}` for a
    /// file with its content. Without `{method}` only GET is played; without `{body_file}`, only requests without content.
    /// Its exit status and its standard output are what the application got.
    #[arg(long, value_name = "COMMAND", required_unless_present = "driver")]
    client: Vec<String>,
    /// A command that starts a driver: a process that takes requests and tells what became of them, as lines of JSON.
    #[arg(long, value_name = "COMMAND")]
    driver: Vec<String>,
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
    only: Option<String>,
    /// How long the client may take to connect, to retry, or to end a request.
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 2_000)]
    patience: u64,
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

    fn patience(&self) -> Duration {
        Duration::from_millis(self.patience)
    }
}

/// What became of the clients.
#[derive(Debug, Serialize, Deserialize)]
pub struct Served {
    schema: u32,
    /// Each client.
    pub clients: Vec<ClientResult>,
}

impl Served {
    /// Whether nothing is wrong with the clients.
    pub fn passes(&self) -> bool {
        self.clients.iter().all(ClientResult::passes)
    }

    /// The result in words.
    pub fn text(&self) -> String {
        self.clients.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }
}

/// Called with the name of a client, the number of scenarios that are done, and of all. Says whether to go on.
pub type Progress = Arc<dyn Fn(&str, usize, usize) -> bool + Send + Sync>;

/// Plays the scenarios to each client. If `progress` says so, the check ends with what it has.
///
/// # Errors
///
/// If a command cannot be run, or nothing can be played to it.
pub fn serve(arguments: &ServeArguments, progress: &Progress) -> Result<Served, UsageError> {
    let wanted = arguments.reach();
    let mut clients: Vec<Box<dyn Client>> = Vec::new();
    for command in &arguments.client {
        clients.push(Box::new(Program::new(command, wanted.unwrap_or(Reach::PriorKnowledge), arguments)?));
    }
    for command in &arguments.driver {
        clients.push(Box::new(Driver::new(command, wanted, arguments)?));
    }
    let results = clients.iter().map(|client| check(&**client, arguments, progress));
    Ok(Served { schema: SCHEMA, clients: results.collect::<Result<_, _>>()? })
}

fn check(program: &dyn Client, arguments: &ServeArguments, progress: &Progress) -> Result<ClientResult, UsageError> {
    let (name, progress) = (program.name().to_owned(), progress.clone());
    let mut check = client(program.name()).progress(move |done, all| progress(&name, done, all));
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
