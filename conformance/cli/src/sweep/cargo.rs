//! What cargo is asked, and its answers. cargo knows which releases exist: it has the registry, a cache of it, and
//! whatever this machine puts between them.

use super::{Range, SweepError};
use crate::progress::is_stopped;
use semver::Version;
use std::{
    env,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// The cargo that runs this program, or else the one on the search path.
pub struct Cargo {
    folder: PathBuf,
}

/// Why cargo refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The version was yanked.
    Yanked,
    /// There is no such version.
    NoSuchVersion,
    /// No versions fit together, or the code does not compile; with the first error.
    DoesNotBuild(String),
    /// Something that has nothing to do with the release, such as a network that is down.
    Other(String),
}

impl Refusal {
    /// Reads what cargo wrote to its standard error.
    pub fn of(message: &str) -> Refusal {
        let errors = || message.lines().filter(|line| line.starts_with("error"));
        let first = errors().next().unwrap_or("it fails, and does not say why").to_owned();
        if first.contains("failed to select a version for the requirement") {
            let is_yanked = |line: &str| line.trim_start().starts_with("version ") && line.ends_with(" is yanked");
            return if message.lines().any(is_yanked) { Refusal::Yanked } else { Refusal::NoSuchVersion };
        }
        if first.contains("failed to select a version for") {
            return Refusal::DoesNotBuild(match conflict(message) {
                Some(why) => format!("{} {why}", first.trim_end_matches('.')),
                None => first,
            });
        }
        // A compiler that was killed says nothing about the release.
        if errors().any(|line| line.contains("could not compile")) && !message.contains("(signal: ") {
            return Refusal::DoesNotBuild(first);
        }
        // The root cause is the last line.
        let cause = message.lines().rev().map(str::trim).find(|line| !line.is_empty()).filter(|last| *last != first);
        Refusal::Other(cause.map_or_else(|| first.clone(), |cause| format!("{first}: {cause}")))
    }
}

/// The reason in cargo's message about versions that do not fit together.
fn conflict(message: &str) -> Option<String> {
    let feature = |line: &&str| line.starts_with("package `") && line.contains("does not have");
    if let Some(line) = message.lines().find(feature) {
        return Some(format!("({})", line.trim_end_matches('.')));
    }
    let required = message.lines().find_map(|line| line.strip_prefix("versions that meet the requirements "))?;
    let (requirement, _) = required.split_once(" are: ")?;
    Some(format!("that is {requirement} and goes with the others"))
}

impl Cargo {
    /// cargo for the packages in the folder of a sweep.
    pub fn new(folder: PathBuf) -> Cargo {
        Cargo { folder }
    }

    /// The folder of build artefacts, which all packages of the sweep share.
    pub(super) fn target(&self) -> PathBuf {
        self.folder.join("target")
    }

    /// Runs cargo in a package. The inner error is its refusal.
    ///
    /// # Errors
    ///
    /// If it cannot be started, is stopped, or fails for a reason that has nothing to do with the package.
    pub fn run(&self, package: &Path, arguments: &[&str]) -> Result<Result<(), Refusal>, SweepError> {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(arguments).args(["--color", "never"]).current_dir(package).env("CARGO_TARGET_DIR", self.target());
        match run_to_end(&mut command, &package.join("cargo.log"), Duration::MAX)?.map_err(|said| Refusal::of(&said)) {
            Err(Refusal::Other(why)) => Err(SweepError::Cargo(why)),
            ended => Ok(ended),
        }
    }

    /// Asks for the newest release of a crate in a range.
    ///
    /// # Errors
    ///
    /// If cargo cannot be used, or is stopped.
    pub(super) fn newest(&self, name: &str, range: &Range) -> Result<Result<Version, Refusal>, SweepError> {
        let folder = self.folder.join("asks");
        let manifest = format!(
            "[package]\nname = \"asks\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
             asked = {{ package = \"{name}\", version = \"{range}\", default-features = false }}\n"
        );
        write_package(&folder, &[("Cargo.toml", &manifest), ("src/lib.rs", "")])?;
        if let Err(refusal) = self.run(&folder, &["generate-lockfile"])? {
            return Ok(Err(refusal));
        }
        let unusable = SweepError::file(&folder);
        let lock = fs::read_to_string(folder.join("Cargo.lock")).map_err(&unusable)?;
        let found = locked(&lock, name, range);
        Ok(Ok(found.ok_or_else(|| unusable(io::Error::other(format!("its lock file does not have {name}"))))?))
    }
}

/// Runs a program, and kills it if it takes longer than `limit`. Its standard error goes to `log`. The inner error is
/// why it failed: its standard error, or else its status.
///
/// # Errors
///
/// If it cannot be started, or is stopped.
pub(super) fn run_to_end(command: &mut Command, log: &Path, limit: Duration) -> Result<Result<(), String>, SweepError> {
    const PAUSE: Duration = Duration::from_millis(20);
    let unusable = SweepError::file(log);
    let stderr = File::create(log).map_err(&unusable)?;
    let program = command.get_program().to_string_lossy().into_owned();
    let failed = |error| SweepError::NoProgram(program.clone(), error);
    let mut child = command.stdin(Stdio::null()).stderr(stderr).spawn().map_err(failed)?;
    let begun = Instant::now();
    loop {
        let status = child.try_wait().map_err(failed)?;
        // Ctrl-C goes to every program on a terminal, and this one may fail of it before we hear of it.
        if status.is_some_and(|status| !status.success()) {
            thread::sleep(10 * PAUSE);
        }
        if is_stopped() {
            kill(&mut child);
            return Err(SweepError::Stopped);
        }
        match status {
            Some(status) if status.success() => return Ok(Ok(())),
            Some(status) => {
                let said = fs::read(log).map_err(unusable)?;
                let said = String::from_utf8_lossy(&said);
                return Ok(Err(if said.is_empty() { status.to_string() } else { said.into_owned() }));
            }
            None if begun.elapsed() > limit => {
                kill(&mut child);
                return Ok(Err(format!("it did not end within {limit:?}")));
            }
            None => thread::sleep(PAUSE),
        }
    }
}

fn kill(child: &mut Child) {
    // It may have ended meanwhile.
    let _ = child.kill();
    let _ = child.wait();
}

/// Writes the files of a package.
pub(super) fn write_package(folder: &Path, files: &[(&str, &str)]) -> Result<(), SweepError> {
    let write = |(name, text): &(&str, &str)| fs::write(folder.join(name), text);
    let made = fs::create_dir_all(folder.join("src"));
    made.and_then(|()| files.iter().try_for_each(write)).map_err(SweepError::file(folder))
}

/// The name and version of a package, in a manifest or a lock file.
pub(super) fn package(value: &toml::Value) -> Option<(&str, Version)> {
    Some((value.get("name")?.as_str()?, Version::parse(value.get("version")?.as_str()?).ok()?))
}

/// The newest version of a crate in a lock file that is in the range.
pub fn locked(lock: &str, name: &str, range: &Range) -> Option<Version> {
    let lock: toml::Table = lock.parse().ok()?;
    let packages = lock.get("package")?.as_array()?.iter().filter_map(package);
    packages.filter(|(found, version)| *found == name && range.contains(version)).map(|(_, version)| version).max()
}
