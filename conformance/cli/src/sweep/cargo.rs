//! What cargo is asked, and what it answers. Which releases exist is its to know: it has the registry, a cache of it, and
//! whatever stands between them on this machine.

use super::{Range, Registry, Standing, SweepError, Watch};
use semver::Version;
use std::{
    env, fs,
    io::{self, Read, Seek},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Runs cargo, and asks it about releases.
pub struct Cargo<'watch> {
    folder: PathBuf,
    watch: &'watch dyn Watch,
}

/// Why cargo did not do what it was to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The version was taken back.
    Yanked,
    /// There is no such version.
    NoSuchVersion,
    /// No versions go together, or the code does not compile: this is the first error.
    DoesNotBuild(String),
    /// Something that has nothing to do with the release, such as a network that is down.
    Other(String),
}

/// How a program ended.
pub(super) enum Ended {
    /// As it should.
    Well,
    /// As it should not, with this on its standard error.
    Badly(String),
    /// It was ended, because it took too long.
    Late,
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
        // A compiler that something else has ended says nothing of the release.
        if errors().any(|line| line.contains("could not compile")) && !message.contains("(signal: ") {
            return Refusal::DoesNotBuild(first);
        }
        // The cause at the bottom stands last.
        let cause = message.lines().rev().map(str::trim).find(|line| !line.is_empty()).filter(|last| *last != first);
        Refusal::Other(cause.map_or_else(|| first.clone(), |cause| format!("{first}: {cause}")))
    }
}

/// What of cargo's words about versions that do not go together says why they do not.
fn conflict(message: &str) -> Option<String> {
    let feature = |line: &&str| line.starts_with("package `") && line.contains("does not have");
    if let Some(line) = message.lines().find(feature) {
        return Some(format!("({})", line.trim_end_matches('.')));
    }
    let required = message.lines().find_map(|line| line.strip_prefix("versions that meet the requirements "))?;
    let (requirement, _) = required.split_once(" are: ")?;
    Some(format!("that is {requirement} and goes with the others"))
}

impl<'watch> Cargo<'watch> {
    /// The cargo that runs this program, or else that of the search path. `folder` is for packages that only ask.
    pub fn new(folder: PathBuf, watch: &'watch dyn Watch) -> Cargo<'watch> {
        Cargo { folder, watch }
    }

    /// Runs cargo in a package; what it does not do is the inner error.
    ///
    /// # Errors
    ///
    /// If it cannot be started, is told to stop, or fails for a reason that has nothing to do with the package.
    pub fn run(&self, package: &Path, arguments: &[&str], target: &Path) -> Result<Result<(), Refusal>, SweepError> {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(arguments).args(["--color", "never"]).current_dir(package).env("CARGO_TARGET_DIR", target);
        match self.to_its_end(&mut command, &package.join("cargo.log"), None)? {
            Ended::Badly(said) => match Refusal::of(&said) {
                Refusal::Other(why) => Err(SweepError::Cargo(why)),
                refusal => Ok(Err(refusal)),
            },
            Ended::Well | Ended::Late => Ok(Ok(())),
        }
    }

    /// Runs a program to its end, for so long at most. Its standard error goes to `log`.
    ///
    /// # Errors
    ///
    /// If it cannot be started, or is told to stop.
    pub(super) fn to_its_end(
        &self,
        command: &mut Command,
        log: &Path,
        limit: Option<Duration>,
    ) -> Result<Ended, SweepError> {
        const PAUSE: Duration = Duration::from_millis(20);
        let unusable = |error| SweepError::File { path: log.to_owned(), error };
        let mut options = fs::OpenOptions::new();
        let mut log_file = options.create(true).truncate(true).read(true).write(true).open(log).map_err(unusable)?;
        let stderr = log_file.try_clone().map_err(unusable)?;
        let program = command.get_program().to_string_lossy().into_owned();
        let failed = |error| SweepError::NoProgram { program: program.clone(), error };
        let mut child = command.stdin(Stdio::null()).stderr(stderr).spawn().map_err(failed)?;
        let begun = Instant::now();
        loop {
            let status = child.try_wait().map_err(failed)?;
            // Ctrl-C goes to every program of a terminal: that this one failed says nothing then. It may be the first to know.
            if status.is_some_and(|status| !status.success()) {
                thread::sleep(10 * PAUSE);
            }
            if self.watch.is_stopped() {
                end(&mut child);
                return Err(SweepError::Stopped);
            }
            match status {
                Some(status) if status.success() => return Ok(Ended::Well),
                Some(status) => {
                    let mut said = Vec::new();
                    log_file.rewind().and_then(|()| log_file.read_to_end(&mut said)).map_err(unusable)?;
                    let said = String::from_utf8_lossy(&said);
                    return Ok(Ended::Badly(if said.is_empty() { status.to_string() } else { said.into_owned() }));
                }
                None if limit.is_some_and(|limit| begun.elapsed() > limit) => {
                    end(&mut child);
                    return Ok(Ended::Late);
                }
                None => thread::sleep(PAUSE),
            }
        }
    }

    /// The release that cargo takes for this requirement.
    fn resolve(&self, name: &str, range: &Range) -> Result<Result<Version, Refusal>, SweepError> {
        let unusable = |error| SweepError::File { path: self.folder.clone(), error };
        let manifest = format!(
            "[package]\nname = \"asks\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
             asked = {{ package = \"{name}\", version = \"{range}\", default-features = false }}\n"
        );
        let write = || {
            fs::create_dir_all(self.folder.join("src"))?;
            fs::write(self.folder.join("src/lib.rs"), "")?;
            fs::write(self.folder.join("Cargo.toml"), manifest)
        };
        write().map_err(unusable)?;
        if let Err(refusal) = self.run(&self.folder, &["generate-lockfile"], &self.folder)? {
            return Ok(Err(refusal));
        }
        let lock = fs::read_to_string(self.folder.join("Cargo.lock")).map_err(unusable)?;
        let found = locked(&lock, name, range);
        Ok(Ok(found.ok_or_else(|| unusable(io::Error::other(format!("its lock file does not have {name}"))))?))
    }
}

impl Registry for Cargo<'_> {
    type Error = SweepError;

    fn newest(&self, name: &str, range: &Range) -> Result<Option<Version>, SweepError> {
        match self.resolve(name, range)? {
            Ok(version) => Ok(Some(version)),
            Err(Refusal::NoSuchVersion | Refusal::Yanked) => Ok(None),
            Err(Refusal::DoesNotBuild(why) | Refusal::Other(why)) => Err(SweepError::Cargo(why)),
        }
    }

    fn standing(&self, name: &str, version: &Version) -> Result<Standing, SweepError> {
        Ok(match self.resolve(name, &Range::one(version.clone()))? {
            Err(Refusal::Yanked) => Standing::Yanked,
            Err(Refusal::NoSuchVersion) => Standing::NeverPublished,
            // Whether its dependencies can still be had is for its own package to find out.
            Ok(_) | Err(Refusal::DoesNotBuild(_) | Refusal::Other(_)) => Standing::Published,
        })
    }
}

/// The newest version of a crate in a lock file that is in the range.
pub fn locked(lock: &str, name: &str, range: &Range) -> Option<Version> {
    let lock: toml::Table = lock.parse().ok()?;
    let packages = lock.get("package")?.as_array()?.iter();
    let named = packages.filter(|package| package.get("name").and_then(toml::Value::as_str) == Some(name));
    let versions = named.filter_map(|package| Version::parse(package.get("version")?.as_str()?).ok());
    versions.filter(|version| range.contains(version)).max()
}

fn end(child: &mut Child) {
    // It may have ended by itself meanwhile.
    let _ = child.kill();
    let _ = child.wait();
}
