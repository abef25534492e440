//! The package of one release: the suite with the release pinned, in a folder of its own.

use super::{
    Checkout, Line, Refusal, Release, ReleaseStatus, SweepError,
    cargo::{Cargo, locked, package, run_to_end, write_package},
};
use semver::Version;
use std::{
    env,
    fs::{self, File},
    hash::{DefaultHasher, Hash, Hasher},
    io,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// The suite's own sources, which every package depends on.
pub struct Suite {
    /// The folder of the library.
    folder: PathBuf,
    lock: toml::Table,
    /// A digest of all files.
    digest: u64,
}

/// The package of a release, or of a checkout.
pub struct Package<'sweep> {
    suite: &'sweep Suite,
    line: &'sweep Line,
    version: &'sweep Version,
    checkout: Option<&'sweep Checkout>,
    /// The version, or [`Release::CHECKOUT`].
    label: String,
    /// The folder of the package.
    pub folder: PathBuf,
}

impl Suite {
    /// The sources that this program was built from.
    ///
    /// # Errors
    ///
    /// If they are no longer there.
    pub fn own() -> Result<Suite, SweepError> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
        let missing = |path: &Path, error| SweepError::NoSources(path.to_owned(), error);
        let files = ["../Cargo.toml", "../Cargo.lock", "Cargo.toml", "build.rs", "clients/Cargo.toml"];
        let mut files: Vec<PathBuf> = files.map(|file| folder.join(file)).into();
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

    /// The folder of a sweep, by default.
    pub fn default_folder(&self) -> PathBuf {
        self.folder.join("../target/sweep")
    }

    /// The lock file without the crates that a sweep of this line moves: cargo takes their newest releases that fit
    /// together, and leaves everything else as it is.
    fn lock_for(&self, line: &Line) -> String {
        let mut lock = self.lock.clone();
        if let Some(toml::Value::Array(packages)) = lock.get_mut("package") {
            packages.retain(|value| package(value).is_none_or(|(name, version)| !line.moves(name, &version)));
        }
        lock.to_string()
    }
}

impl<'sweep> Package<'sweep> {
    /// The package of a release, below the folder of the sweep.
    pub fn new(suite: &'sweep Suite, line: &'sweep Line, version: &'sweep Version, sweep: &Path) -> Package<'sweep> {
        let label = version.to_string();
        let folder = sweep.join(format!("{}-{label}", line.name));
        Package { suite, line, version, checkout: None, label, folder }
    }

    /// The package of a checkout, below the folder of the sweep.
    pub fn of(suite: &'sweep Suite, line: &'sweep Line, checkout: &'sweep Checkout, sweep: &Path) -> Package<'sweep> {
        let label = Release::CHECKOUT.to_owned();
        let folder = sweep.join(format!("{}-{label}", line.name));
        Package { suite, line, version: &checkout.version, checkout: Some(checkout), label, folder }
    }

    /// A digest of everything that the outcome depends on.
    pub fn digest(&self) -> u64 {
        let mut digest = DefaultHasher::new();
        (self.suite.digest, self.manifest(), self.program()).hash(&mut digest);
        digest.finish()
    }

    /// Builds the package and plays the scenarios with it.
    ///
    /// # Errors
    ///
    /// If the status of the release cannot be determined.
    pub fn build_and_play(&self, cargo: &Cargo) -> Result<Release, SweepError> {
        let (manifest, lock, program) = (self.manifest(), self.suite.lock_for(self.line), self.program());
        write_package(&self.folder, &[("Cargo.toml", &manifest), ("Cargo.lock", &lock), ("src/main.rs", &program)])?;
        let does_not_build = |error| ReleaseStatus::DoesNotBuild { error };
        let status = match cargo.run(&self.folder, &["build", "--release"])? {
            Ok(()) => self.play(cargo)?,
            Err(Refusal::DoesNotBuild(error) | Refusal::Other(error)) => does_not_build(error),
            Err(Refusal::Yanked) => does_not_build("a dependency is yanked".into()),
            Err(Refusal::NoSuchVersion) => does_not_build("a dependency was never published".into()),
        };
        Ok(Release { version: self.label.clone(), partner: self.partner(), status })
    }

    /// The version of the line's partner that cargo has put into the lock file.
    fn partner(&self) -> Option<String> {
        let lock = fs::read_to_string(self.folder.join("Cargo.lock")).ok()?;
        let partner = self.line.partner()?;
        locked(&lock, partner.name, &partner.versions).map(|version| version.to_string())
    }

    fn play(&self, cargo: &Cargo) -> Result<ReleaseStatus, SweepError> {
        /// All scenarios take seconds. A stack that never yields takes for ever.
        const LONGEST: Duration = Duration::from_secs(300);
        let path = self.folder.join("plays.json");
        let unusable = SweepError::file(&path);
        let program = cargo.target().join("release").join(format!("{}{}", self.name(), env::consts::EXE_SUFFIX));
        let mut command = Command::new(program);
        command.stdout(File::create(&path).map_err(&unusable)?);
        if let Err(said) = run_to_end(&mut command, &self.folder.join("play.log"), LONGEST)? {
            return Ok(ReleaseStatus::DoesNotRun { error: said.lines().next_back().unwrap_or_default().into() });
        }
        let written = fs::read(&path).map_err(&unusable)?;
        let scenarios = serde_json::from_slice(&written).map_err(|error| unusable(error.into()))?;
        Ok(ReleaseStatus::Played { scenarios })
    }

    /// The name of the package and its program. All packages share a folder of artefacts, so each needs its own name.
    fn name(&self) -> String {
        format!("{}-{}", self.line.name, self.label.replace('.', "-"))
    }

    /// The manifest of the package. Building takes the time, not playing, so nothing is optimised.
    fn manifest(&self) -> String {
        let text = |text: &str| toml::Value::from(text).to_string();
        let (player, folder, features) = self.line.observed.player();
        let patch = self.checkout.map(|checkout| {
            let (name, path) = (self.line.name, text(&checkout.folder.to_string_lossy()));
            format!("[patch.crates-io]\n{name} = {{ path = {path} }}\n\n")
        });
        format!(
            "# Made by `conformance sweep`.\n\
             [package]\nname = {name}\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
             [workspace]\n\n\
             [dependencies]\n\
             {player} = {{ path = {path}, default-features = false, features = {features:?} }}\n\
             serde_json = \"1\"\n\
             swept = {{ package = {swept}, version = \"={version}\", default-features = false }}\n\n\
             {patch}[profile.release]\nopt-level = 0\ndebug = false\nincremental = false\n",
            name = text(&self.name()),
            path = text(&self.suite.folder.join(folder).to_string_lossy()),
            swept = text(self.line.name),
            version = self.version,
            patch = patch.unwrap_or_default(),
        )
    }

    /// The program of the package.
    fn program(&self) -> String {
        format!(
            "//! Made by `conformance sweep`: plays the scenarios, and writes their outcomes as JSON.\n\n\
             fn main() {{\n\
             \x20   let plays = {}.expect(\"the suite's own scenarios can be played\");\n\
             \x20   println!(\"{{}}\", serde_json::to_string(&plays).expect(\"plays are strings, numbers and lists\"));\n\
             }}\n",
            self.line.observed.call()
        )
    }
}
