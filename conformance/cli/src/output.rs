//! Output of the commands: text or JSON on standard output, and files beside it.

use super::UsageError;
use conformance::report::layout::WIDTH;
use serde::Serialize;
use std::{
    env,
    fs::{self, File, Metadata, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};
use terminal_size::{Width, terminal_size_of};

/// Where `--json` sends the JSON: nowhere, to standard output, or to a file.
pub type Json = Option<Option<PathBuf>>;

/// Writes the value as JSON if that was asked for, and as text unless the JSON goes to standard output.
pub fn write(json: &Json, value: &impl Serialize, text: impl FnOnce() -> String) -> Result<(), UsageError> {
    match json {
        Some(None) => to_stdout(&to_json(value)),
        Some(Some(path)) => all([to_stdout(&text()), to_file(path, &to_json(value))]),
        None => to_stdout(&text()),
    }
}

/// All errors of these results as one: a form that cannot be written does not keep the others from being written.
pub fn all<const N: usize>(written: [Result<(), UsageError>; N]) -> Result<(), UsageError> {
    let wrong: Vec<String> = written.into_iter().filter_map(Result::err).map(|UsageError(message)| message).collect();
    if wrong.is_empty() { Ok(()) } else { Err(UsageError(wrong.join("; "))) }
}

/// The value as JSON.
pub(crate) fn to_json(value: &impl Serialize) -> String {
    let written = serde_json::to_string_pretty(value);
    written.expect("reports are strings, numbers, lists and maps with string keys: JSON has all of them") + "\n"
}

/// The width of the lines on standard output: that of the terminal, or of the variable `COLUMNS`, within bounds.
pub fn width() -> usize {
    const NARROWEST: usize = 40;
    let columns = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = || terminal_size_of(io::stdout()).map(|(Width(columns), _)| columns.into());
    columns.or_else(terminal).map_or(WIDTH, |columns: usize| columns.clamp(NARROWEST, WIDTH))
}

/// Writes to standard output. A reader that closes it early is no error.
fn to_stdout(text: &str) -> Result<(), UsageError> {
    let mut stdout = anstream::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(UsageError(format!("standard output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes a line to standard error. Errors are ignored: there is nowhere to report them.
pub fn to_stderr(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// Writes a file, whole or not at all.
pub fn to_file(path: &Path, text: &str) -> Result<(), UsageError> {
    write_whole(path, text.as_bytes()).map_err(|error| unwritable(path, &error))
}

/// Writes a file beside an earlier one and then puts it in its place, so that an earlier file stays as it is until the
/// new one is complete. What is no regular file, such as a pipe or a device, is written as it is.
///
/// # Errors
///
/// If it cannot be written. Nothing is left beside the earlier file.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let Some((path, earlier)) = replaceable(path)? else {
        return OpenOptions::new().write(true).open(path)?.write_all(bytes);
    };
    let unfinished = beside(&path);
    let written = File::create(&unfinished).and_then(|mut file| {
        earlier.map_or(Ok(()), |earlier| file.set_permissions(earlier.permissions()))?;
        file.write_all(bytes)?;
        file.sync_all()
    });
    let placed = written.and_then(|()| fs::rename(&unfinished, &path));
    placed.inspect_err(|_| {
        // Errors are ignored: the first one is reported.
        let _ = fs::remove_file(&unfinished);
    })
}

/// The place of a file that can be replaced, with an earlier file in it; `None` for what is no regular file. A link is
/// followed.
fn replaceable(path: &Path) -> io::Result<Option<(PathBuf, Option<Metadata>)>> {
    match fs::metadata(path) {
        Ok(earlier) if earlier.is_file() => Ok(Some((path.canonicalize()?, Some(earlier)))),
        Ok(_) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => match path.read_link() {
            Ok(target) => replaceable(&path.parent().unwrap_or(Path::new("")).join(target)),
            Err(_) => Ok(Some((path.to_owned(), None))),
        },
        Err(error) => Err(error),
    }
}

/// The name of the unfinished file. It has the number of this process, so that two runs do not write into one.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}", std::process::id()))
}

/// Checks that a file can be written, before a run whose outcome would be lost if it cannot. An existing file keeps its
/// content, and no new file is left.
pub fn can_be_written(path: &Path) -> Result<(), UsageError> {
    let check = || match replaceable(path)? {
        None => OpenOptions::new().append(true).open(path).map(drop),
        Some((path, _)) => {
            // Also refuses an earlier file that is write-protected.
            let opened = OpenOptions::new().append(true).open(&path).map(drop);
            opened.or_else(|error| if path.exists() { Err(error) } else { Ok(()) })?;
            let unfinished = beside(&path);
            File::create(&unfinished).and_then(|_| fs::remove_file(&unfinished))
        }
    };
    check().map_err(|error| unwritable(path, &error))
}

/// The error for a file that cannot be written.
pub fn unwritable(path: &Path, error: &io::Error) -> UsageError {
    UsageError(format!("{} cannot be written: {error}", path.display()))
}
