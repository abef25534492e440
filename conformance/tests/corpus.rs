//! Every file of the corpus is a test of its own: whatever its bytes are, they mean a script, and the laws hold.

use conformance::{
    report::explain::explain, script::Script, stacks::drive::record_stack_panics, suite::judge, trial::Laboratory,
};
use libtest_mimic::{Arguments, Failed, Trial};
use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

fn main() -> ExitCode {
    record_stack_panics();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus/classify");
    let files = fs::read_dir(folder).expect("the corpus comes with the suite");
    let mut files: Vec<PathBuf> = files.map(|file| file.expect("the corpus can be listed").path()).collect();
    files.sort();
    let tests = files.into_iter().map(|file| {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Trial::test(name, move || check(&file))
    });
    libtest_mimic::run(&Arguments::from_args(), tests.collect()).exit_code()
}

fn check(file: &Path) -> Result<(), Failed> {
    let script = Script::decode(fs::read(file)?);
    let canonical = script.encode();
    if Script::decode(canonical.clone()) != script {
        return Err(format!("the canonical bytes of {} mean another script", file.display()).into());
    }
    let case = judge(&Laboratory::new(), &script).into_case(&file.to_string_lossy(), &script);
    if case.unexplained { Err(explain(&case).into()) } else { Ok(()) }
}
