//! The script under play, written to a file before it is played: if the process dies, the file says which script it was.

use crate::script::Script;
use std::{
    cell::Cell,
    fs::{self, File},
    io::{Seek, SeekFrom, Write},
    path::PathBuf,
    process,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

static FOLDER: OnceLock<PathBuf> = OnceLock::new();

/// From now on, every new driver writes each script to its own file in this folder before it plays it, and removes the
/// file when it is dropped. A file that is left has the script that its driver played when the process died, as
/// `conformance explain FILE` reads it. Its name begins with the number of the process. Only the first call has an
/// effect. Errors are ignored: a script is played whether or not it can be written.
pub fn write_ahead(folder: PathBuf) {
    FOLDER.get_or_init(|| folder);
}

/// The file of one driver, with its length.
pub(super) struct UnderPlay(Option<(File, PathBuf, Cell<usize>)>);

impl UnderPlay {
    pub(super) fn new() -> UnderPlay {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let create = |folder: &PathBuf| {
            fs::create_dir_all(folder).ok()?;
            let path = folder.join(format!("{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
            Some((File::create(&path).ok()?, path, Cell::new(0)))
        };
        UnderPlay(FOLDER.get().and_then(create))
    }

    /// Writes the script that is played next.
    pub(super) fn write(&self, script: &Script) {
        let Some((file, _, length)) = self.0.as_ref() else { return };
        let mut file: &File = file;
        let bytes = script.encode();
        let mut written = file.seek(SeekFrom::Start(0)).and_then(|_| file.write_all(&bytes));
        if length.replace(bytes.len()) > bytes.len() {
            written = written.and_then(|()| file.set_len(bytes.len() as u64));
        }
        let _ = written;
    }
}

impl Drop for UnderPlay {
    fn drop(&mut self) {
        if let Some((_, path, _)) = &self.0 {
            let _ = fs::remove_file(path);
        }
    }
}
