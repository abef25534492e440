//! The same script always gives the same observation, whatever was played before it, in any order, on any thread.

use crate::generated::RUN as GENERATED;
use conformance::{
    classifiers::OWN_CLASSIFIERS,
    comparison::Harness,
    generators::{BATCH, Sequence},
    http2::wire::PREFACE,
    outcome::{Outcome, digest},
    peer::{Record, Transport},
    script::Script,
    servers::{ClientBytes, ServerHarness},
    stacks::{BoxError, Driver, Legacy, LegacyServer, Modern, Profile, Server, Stack, drive::Spawner, write_ahead},
    vocabulary::StackName,
};
use std::{env, fs, num::NonZeroUsize, path::PathBuf, process, thread};

#[test]
fn the_order_in_which_scripts_are_played_does_not_matter() {
    let batches = GENERATED.generated / BATCH;
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get) as u64;
    let digest = thread::scope(|scope| {
        let some = |first| (first..batches).step_by(threads as usize);
        let played = |first| scope.spawn(move || some(first).map(played_in_another_order).fold(0, u64::wrapping_add));
        let threads: Vec<_> = (0..threads).map(played).collect();
        threads.into_iter().map(|thread| thread.join().expect("no play panics")).fold(0, u64::wrapping_add)
    });
    if format!("{digest:016x}") != GENERATED.digest {
        (0..batches).for_each(name_the_script);
        panic!("played in another order, the run of seed {} has the digest {digest:016x}", GENERATED.seed);
    }
}

/// The scripts of a batch of the run.
fn scripts(batch: u64) -> Vec<Script> {
    Sequence::of_scripts(GENERATED.seed, batch).take(BATCH as usize).collect()
}

/// Plays the scripts of a batch: on the modern stack in reverse, on the legacy stack another script in between. The run
/// plays each on both stacks, in order, with the repairs of the ledger in between. The sum of the digests.
fn played_in_another_order(batch: u64) -> u64 {
    let (scripts, driver) = (scripts(batch), Driver::new());
    let modern =
        scripts.iter().rev().enumerate().map(|(opposite, script)| {
            (played::<Modern>(&driver, script), played::<Legacy>(&driver, &scripts[opposite]))
        });
    let (modern, legacy): (Vec<_>, Vec<_>) = modern.unzip();
    let both = legacy.iter().zip(modern.iter().rev());
    let digests = both.map(|((legacy, of_legacy), (modern, of_modern))| {
        digest([(StackName::Legacy, legacy, of_legacy), (StackName::Modern, modern, of_modern)])
    });
    digests.fold(0, u64::wrapping_add)
}

/// Fails with the first script of a batch that has another outcome when it is played again in another order.
fn name_the_script(batch: u64) {
    let (scripts, first, second) = (scripts(batch), Driver::new(), Driver::new());
    let both = scripts.iter().map(|script| (played::<Legacy>(&first, script), played::<Modern>(&first, script)));
    let (legacy, modern): (Vec<_>, Vec<_>) = both.unzip();
    for (index, script) in scripts.iter().enumerate().rev() {
        let opposite = scripts.len() - 1 - index;
        let again = played::<Modern>(&second, script);
        assert!(again == modern[index], "played again, the outcome differs: {}", script.to_toml());
        let again = played::<Legacy>(&second, &scripts[opposite]);
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
