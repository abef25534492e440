//! Embeds the corpora, so that the program plays them wherever it runs. A corpus that is missing fails the build.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// The corpora that the program plays, each with its constant.
const CORPORA: [(&str, &str); 2] = [("classify", "CLASSIFY"), ("server", "SERVER")];

fn main() {
    let variable = |name| PathBuf::from(env::var_os(name).unwrap_or_default());
    let corpora = variable("CARGO_MANIFEST_DIR").join("../../corpus");
    let mut code = String::new();
    for (name, constant) in CORPORA {
        let folder = corpora.join(name);
        println!("cargo:rerun-if-changed={}", folder.display());
        let files = files(&folder);
        assert!(!files.is_empty(), "the corpus {} has no files", folder.display());
        code += &format!("/// The corpus `{name}`: each file with its name.\n");
        code += &format!("pub(crate) const {constant}: &[(&str, &[u8])] = &[\n");
        for (name, path) in files {
            code += &format!("    ({name:?}, include_bytes!({path:?})),\n");
        }
        code += "];\n";
    }
    fs::write(variable("OUT_DIR").join("corpora.rs"), code).expect("the folder of the build can be written");
}

/// The files of a corpus, sorted by name, without those that a fuzzer added.
fn files(folder: &Path) -> Vec<(String, PathBuf)> {
    let folder = folder.canonicalize().unwrap_or_else(|error| panic!("the corpus {}: {error}", folder.display()));
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("the corpus {}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.expect("the corpus can be listed").path()).filter(|path| path.is_file());
    let named = paths.map(|path| (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), path));
    // As `conformance::fuzz::is_added`: libFuzzer names files by the SHA-1 of their bytes.
    let is_added = |name: &str| name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut files: Vec<_> = named.filter(|(name, _)| !is_added(name)).collect();
    files.sort();
    files
}
