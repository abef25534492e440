//! The same script always gives the same observation, whatever was played before it, in any order, on any thread.

use conformance::{
    classifiers::OWN_CLASSIFIERS,
    comparison::Harness,
    generators::Sequence,
    http2::wire::PREFACE,
    outcome::Outcome,
    peer::{Record, Transport},
    script::Script,
    servers::{ClientBytes, ServerHarness},
    stacks::{
        BoxError, Driver, Legacy, LegacyServer, Modern, Profile, Server, Stack,
        drive::{Spawner, record_stack_panics},
        write_ahead,
    },
    vocabulary::StackName,
};
use std::{env, fs, num::NonZeroUsize, path::PathBuf, process, thread};

const SCRIPTS: usize = 200_000;
const BATCH: usize = 500;

#[test]
fn the_order_in_which_scripts_are_played_does_not_matter() {
    record_stack_panics();
    write_ahead(under_play());
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || {
                let (first, second) = (Driver::new(), Driver::new());
                for batch in (0..SCRIPTS / BATCH).filter(|batch| batch % threads == thread) {
                    check(&first, &second, &Sequence::of_scripts(4, batch as u64).take(BATCH).collect::<Vec<_>>());
                }
            });
        }
    });
}

/// Plays the scripts in order, legacy first; then modern in reverse, with legacy and another script between.
fn check(first: &Driver, second: &Driver, scripts: &[Script]) {
    let both = scripts.iter().map(|script| (played::<Legacy>(first, script), played::<Modern>(first, script)));
    let (legacy, modern): (Vec<_>, Vec<_>) = both.unzip();
    for (index, script) in scripts.iter().enumerate().rev() {
        let opposite = scripts.len() - 1 - index;
        let again = played::<Modern>(second, script);
        assert!(again == modern[index], "played again, the outcome differs: {}", script.to_toml());
        let again = played::<Legacy>(second, &scripts[opposite]);
        assert!(again == legacy[opposite], "played again, the outcome differs: {}", scripts[opposite].to_toml());
    }
}

/// What a script does on a stack.
fn played<S: Stack>(driver: &Driver, script: &Script) -> (Record, Outcome) {
    let observation = driver.observe::<S>(script, Profile::Equal);
    let outcome = Outcome::new(&observation, &OWN_CLASSIFIERS[S::NAME]);
    (observation.record, outcome)
}

/// Where the tests write each script before they play it.
pub(crate) fn under_play() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("under-play")
}

/// A server that ends its process, as a panic during a panic does.
struct Dies;

impl Server for Dies {
    const NAME: StackName = StackName::Modern;

    async fn serve(_: Transport, _: Profile, _: Spawner) -> Result<(), BoxError> {
        process::abort()
    }
}

#[test]
fn the_script_under_play_is_known_when_the_process_dies() {
    const FOLDER: &str = "CONFORMANCE_TEST_UNDER_PLAY";
    let script = ClientBytes::new(PREFACE).frames();
    if let Some(folder) = env::var_os(FOLDER) {
        write_ahead(folder.into());
        let healthy = Harness::new();
        healthy.run(&Script::answering([]));
        ServerHarness::of_servers::<LegacyServer, Dies>(Profile::Equal, OWN_CLASSIFIERS).run(&script);
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("dies-{}", process::id()));
    let test = "determinism::the_script_under_play_is_known_when_the_process_dies";
    let program = env::current_exe().expect("the test has a program");
    let died = process::Command::new(program).args(["--exact", test]).env(FOLDER, &folder).output();
    assert!(!died.expect("the program starts").status.success());
    let files = fs::read_dir(&folder).expect("there are files of the process").flatten();
    let scripts: Vec<Script> =
        files.map(|file| Script::decode(fs::read(file.path()).expect("it can be read"))).collect();
    assert!(scripts.contains(&script), "{scripts:?}");
    fs::remove_dir_all(&folder).expect("the folder can be removed");
}
