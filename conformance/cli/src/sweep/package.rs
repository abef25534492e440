//! The package of one release: the suite, with the release pinned, in a folder of its own.

use super::{
    Checkout, Line, Range, Release, ReleaseStatus, SweepError,
    cargo::{Cargo, Ended, Refusal, locked},
};
use conformance::report::play::Play;
use semver::Version;
use std::{
    env, fs,
    fs::File,
    hash::{DefaultHasher, Hash, Hasher},
    io,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// The suite's own sources, which every package depends on.
pub struct Suite {
    /// The folder of its crate.
    folder: PathBuf,
    /// Its lock file.
    lock: toml::Table,
    /// A number for all of it.
    digest: u64,
}

/// The package of a release, or of a checkout.
pub struct Package<'sweep> {
    suite: &'sweep Suite,
    line: &'sweep Line,
    version: &'sweep Version,
    checkout: Option<&'sweep Checkout>,
    folder: PathBuf,
}

impl Suite {
    /// The sources that this program was built from.
    ///
    /// # Errors
    ///
    /// If they are not there any more.
    pub fn own() -> Result<Suite, SweepError> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
        let missing = |path: &Path, error| SweepError::NoSources { path: path.to_owned(), error };
        let mut files: Vec<PathBuf> =
            ["../Cargo.toml", "../Cargo.lock", "Cargo.toml", "build.rs", "clients/Cargo.toml"]
                .map(|file| folder.join(file))
                .into();
        let mut folders: Vec<PathBuf> = ["src", "scenarios", "clients/src"].map(|name| folder.join(name)).into();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).map_err(|error| missing(&folder, error))? {
                let path = entry.map_err(|error| missing(&folder, error))?.path();
                if path.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
        files.sort();
        let mut digest = DefaultHasher::new();
        for file in files {
            file.hash(&mut digest);
            fs::read(&file).map_err(|error| missing(&file, error))?.hash(&mut digest);
        }
        let path = folder.join("../Cargo.lock");
        let lock = fs::read_to_string(&path).map_err(|error| missing(&path, error))?;
        let lock = lock.parse().map_err(|error| missing(&path, io::Error::other(error)))?;
        Ok(Suite { folder, lock, digest: digest.finish() })
    }

    /// Where sweeps are kept if nothing else is asked for.
    pub fn default_folder(&self) -> PathBuf {
        self.folder.join("../target/sweep")
    }

    /// The lock file without what a sweep of this line moves: cargo takes the newest of these that go together, and
    /// everything else as it is.
    fn lock_for(&self, line: &Line) -> String {
        let moves = |package: &toml::Value| {
            let value = |key: &str| package.get(key).and_then(toml::Value::as_str).unwrap_or_default();
            let Ok(version) = Version::parse(value("version")) else { return false };
            line.moved().any(|(name, range)| name == value("name") && range.contains(&version))
        };
        let mut lock = self.lock.clone();
        if let Some(toml::Value::Array(packages)) = lock.get_mut("package") {
            packages.retain(|package| !moves(package));
        }
        lock.to_string()
    }
}

impl<'sweep> Package<'sweep> {
    /// The package of a release, below the folder of the sweep.
    pub fn new(suite: &'sweep Suite, line: &'sweep Line, version: &'sweep Version, sweep: &Path) -> Package<'sweep> {
        Package { suite, line, version, checkout: None, folder: sweep.join(format!("{}-{version}", line.name)) }
    }

    /// The package of a checkout, below the folder of the sweep.
    pub fn of(suite: &'sweep Suite, line: &'sweep Line, checkout: &'sweep Checkout, sweep: &Path) -> Package<'sweep> {
        let folder = sweep.join(format!("{}-{}", line.name, Release::CHECKOUT));
        Package { suite, line, version: &checkout.version, checkout: Some(checkout), folder }
    }

    /// The folder of the package.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A number for what its outcome depends on.
    pub fn digest(&self) -> u64 {
        let mut digest = DefaultHasher::new();
        (self.suite.digest, self.manifest(), self.program()).hash(&mut digest);
        digest.finish()
    }

    /// The version of the line's partner that cargo has put into the lock file.
    pub fn partner(&self) -> Option<Version> {
        let lock = fs::read_to_string(self.folder.join("Cargo.lock")).ok()?;
        let partner = self.line.partner()?;
        locked(&lock, partner.name, &partner.versions)
    }

    /// Builds the package and plays the scenarios with it. The artefacts are kept in `target`, which all packages share.
    ///
    /// # Errors
    ///
    /// If it could not be found out what becomes of the release.
    pub fn build_and_play(&self, cargo: &Cargo<'_>, target: &Path) -> Result<ReleaseStatus, SweepError> {
        self.write()?;
        if let Err(refusal) = cargo.run(&self.folder, &["build", "--release"], target)? {
            let error = match refusal {
                Refusal::DoesNotBuild(error) | Refusal::Other(error) => error,
                Refusal::Yanked => "something that it needs is yanked".into(),
                Refusal::NoSuchVersion => "something that it needs was never published".into(),
            };
            return Ok(ReleaseStatus::DoesNotBuild { error });
        }
        self.play(cargo, target)
    }

    fn play(&self, cargo: &Cargo<'_>, target: &Path) -> Result<ReleaseStatus, SweepError> {
        /// All scenarios take seconds. A stack that never gives the thread back takes for ever.
        const LONGEST: Duration = Duration::from_secs(300);
        let path = self.folder.join("plays.json");
        let unusable = |error| SweepError::File { path: path.clone(), error };
        let program = target.join("release").join(format!("{}{}", self.name(), env::consts::EXE_SUFFIX));
        let mut command = Command::new(program);
        command.stdout(File::create(&path).map_err(unusable)?);
        let ended = cargo.to_its_end(&mut command, &self.folder.join("play.log"), Some(LONGEST))?;
        let last = |said: String| said.lines().next_back().unwrap_or_default().to_owned();
        match ended {
            Ended::Late => Ok(ReleaseStatus::DoesNotRun { error: format!("it did not end within {LONGEST:?}") }),
            Ended::Badly(said) => Ok(ReleaseStatus::DoesNotRun { error: last(said) }),
            Ended::Well => {
                let written = fs::read(&path).map_err(unusable)?;
                let scenarios: Vec<Play> = serde_json::from_slice(&written).map_err(|error| unusable(error.into()))?;
                Ok(ReleaseStatus::Played { scenarios })
            }
        }
    }

    fn write(&self) -> Result<(), SweepError> {
        let write = || {
            fs::create_dir_all(self.folder.join("src"))?;
            fs::write(self.folder.join("Cargo.toml"), self.manifest())?;
            fs::write(self.folder.join("Cargo.lock"), self.suite.lock_for(self.line))?;
            fs::write(self.folder.join("src/main.rs"), self.program())
        };
        write().map_err(|error| SweepError::File { path: self.folder.clone(), error })
    }

    /// The name of the package and its program. They share a folder of artefacts, so each has its own.
    fn name(&self) -> String {
        match self.checkout {
            None => format!("{}-{}", self.line.name, self.version.to_string().replace('.', "-")),
            Some(_) => format!("{}-{}", self.line.name, Release::CHECKOUT),
        }
    }

    /// The manifest of the package. What takes time is building, not playing.
    fn manifest(&self) -> String {
        let text = |text: &str| toml::Value::from(text).to_string();
        let (player, folder) = self.line.observed.player();
        let features: Vec<_> = self.line.features.iter().map(|feature| text(feature)).collect();
        let patch = self.checkout.map(|checkout| {
            let (name, path) = (self.line.name, text(&checkout.folder.to_string_lossy()));
            format!("[patch.crates-io]\n{name} = {{ path = {path} }}\n\n")
        });
        format!(
            "# Made by `conformance sweep`.\n\
             [package]\nname = {name}\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
             [workspace]\n\n\
             [dependencies]\n\
             {player} = {{ path = {path}, default-features = false, features = [{features}] }}\n\
             serde_json = \"1\"\n\
             swept = {{ package = {swept}, version = \"={version}\", default-features = false }}\n\n\
             {patch}[profile.release]\nopt-level = 0\ndebug = false\nincremental = false\n",
            name = text(&self.name()),
            path = text(&self.suite.folder.join(folder).to_string_lossy()),
            features = features.join(", "),
            swept = text(self.line.name),
            version = self.version,
            patch = patch.unwrap_or_default(),
        )
    }

    /// The program of the package.
    fn program(&self) -> String {
        format!(
            "//! Made by `conformance sweep`: writes what the scenarios come to as JSON.\n\n\
             fn main() {{\n\
             \x20   let plays = {}.expect(\"the suite's own scenarios can be played\");\n\
             \x20   println!(\"{{}}\", serde_json::to_string(&plays).expect(\"plays are strings, numbers and lists\"));\n\
             }}\n",
            self.line.observed.call()
        )
    }
}

impl Line {
    /// All crates that a sweep of this line moves, with the versions that are meant.
    fn moved(&self) -> impl Iterator<Item = (&'static str, &Range)> {
        let movers = self.movers.iter().map(|mover| (mover.name, &mover.versions));
        std::iter::once((self.name, &self.versions)).chain(movers)
    }
}
