//! A client that is a command: it is run once for each request.

use super::{
    ServeArguments,
    process::{Group, TemporaryFile, words},
    shipped,
};
use crate::UsageError;
use conformance::{
    client_driver::{Client, ClientInstance, Clock, Endpoint, Failure, Reach, ResponseFuture, Retries},
    script::{BodyEnd, Method, Request, Script, Step},
    stacks::{BoxError, IssuedRequest, Part},
    vocabulary::Phase,
};
use futures_util::stream;
use std::{
    path::Path,
    process::{ExitStatus, Stdio},
    time::Duration,
};
use tokio::process::Command;

/// A program that sends one request.
pub(super) struct Program {
    words: Vec<String>,
    name: String,
    reach: Reach,
    promise: Retries,
    patience: Duration,
}

impl Program {
    /// The program that this command runs.
    pub(super) fn new(command: &str, reach: Reach, arguments: &ServeArguments) -> Result<Program, UsageError> {
        let words = words(command)?;
        if !words.iter().any(|word| word.contains("{url}")) {
            return Err(UsageError("the command does not say where the URL goes: write `{url}` there".into()));
        }
        if words.iter().any(|word| word.contains("{ca_file}")) && reach == Reach::PriorKnowledge {
            return Err(UsageError("there is a certificate only with `--tls`".into()));
        }
        let name = Path::new(&words[0]).file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_else(|| words[0].clone());
        Ok(Program {
            name: shipped::with_version(&name, &words[0]).unwrap_or(name),
            words,
            reach,
            promise: arguments.promise(),
            patience: arguments.patience(),
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

impl Client for Program {
    fn name(&self) -> &str {
        &self.name
    }

    fn promise(&self) -> Retries {
        self.promise
    }

    fn reach(&self) -> Reach {
        self.reach
    }

    fn is_led(&self) -> bool {
        false
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
    fn send(&self, request: &IssuedRequest) -> ResponseFuture {
        let number = request.number();
        let content = request.content().whole().unwrap_or_default();
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
            Group::lead(command.as_std_mut());
            let child = command.kill_on_drop(true).spawn().map_err(|error| failed(error.into()))?;
            let _group = Group::of(child.id());
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

/// How a program ended that failed.
#[derive(Debug, thiserror::Error)]
#[error("{status}: {said}")]
struct Ended {
    status: ExitStatus,
    said: String,
}
