//! One test per corpus file: its target accepts it, and the laws hold. Files that a fuzzer added are skipped.

use conformance::{
    fuzz::{TARGETS, Target, is_added},
    script::Script,
    stacks::panics::record_stack_panics,
};
use libtest_mimic::{Arguments, Failed, Trial};
use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

fn main() -> ExitCode {
    record_stack_panics();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus");
    let mut tests = Vec::new();
    for target in TARGETS {
        let files = fs::read_dir(corpus.join(target.name)).expect("every target has a corpus");
        for file in files {
            let file = file.expect("the corpus can be listed").path();
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if !is_added(&name) {
                tests.push(Trial::test(format!("{}/{name}", target.name), move || check(target, &file)));
            }
        }
    }
    tests.sort_by(|one, other| one.name().cmp(other.name()));
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}

fn check(target: &Target, file: &PathBuf) -> Result<(), Failed> {
    let bytes = fs::read(file)?;
    let script = Script::decode(bytes.clone());
    if Script::decode(script.encode()) != script {
        return Err(format!("the canonical bytes of {} decode to another script", file.display()).into());
    }
    (target.check)(&bytes).map_err(|finding| finding.to_string().into())
}
