//! The process of a driver. Threads read and write its lines, so that a driver that does neither stops nobody.

use super::{
    messages::{Happened, Order, Welcome, What},
    process::{Group, TemporaryFile},
};
use std::{
    collections::BTreeMap,
    io::{self, BufRead, BufReader, Read, Write},
    process::{Child, ChildStderr, ChildStdout, Command, Stdio},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// The version of the messages.
const VERSION: u32 = 1;
/// How long a driver may take to start: some are compiled first.
const START: Duration = Duration::from_secs(60);
/// How long a driver may take to end after it has closed its output.
const END: Duration = Duration::from_secs(1);
/// The longest line that is read, in bytes.
const LONGEST_LINE: u64 = 4 << 20;
/// How much of its last words is kept, in bytes.
const LAST_WORDS: usize = 1_000;

/// Why a driver cannot be started.
#[derive(Debug, thiserror::Error)]
pub(super) enum StartError {
    #[error("it cannot be started: {0}")]
    Io(#[from] io::Error),
    #[error("it ended before it answered `hello`: {0}")]
    Ended(String),
    #[error("it did not answer `hello` within {START:?}")]
    Silent,
    #[error("its answer to `hello` is wrong: {0}")]
    Wrong(String),
}

/// A running driver.
pub(super) struct DriverProcess {
    child: Mutex<Child>,
    _group: Group,
    welcome: Welcome,
    orders: mpsc::Sender<String>,
    said: Arc<Said>,
}

/// What a driver has said.
#[derive(Default)]
struct Said {
    /// Where the events of each open request go.
    open: Mutex<BTreeMap<u64, UnboundedSender<Happened>>>,
    /// Why no more is read from it.
    over: Mutex<Option<String>>,
    last_words: Mutex<Vec<u8>>,
}

impl DriverProcess {
    /// Starts it and waits for its answer to `hello`.
    pub(super) fn start(words: &[String], certificate: Option<&TemporaryFile>) -> Result<DriverProcess, StartError> {
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Group::lead(&mut command);
        let mut child = command.spawn()?;
        let group = Group::of(Some(child.id()));
        let said = Arc::<Said>::default();
        let (orders, lines) = mpsc::channel::<String>();
        let (answer, answered) = mpsc::channel();
        if let (Some(mut input), Some(output), Some(errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        {
            let write = move || lines.iter().try_for_each(|line| input.write_all(line.as_bytes()));
            thread::Builder::new().spawn(write)?;
            let (reads, hears) = (said.clone(), said.clone());
            thread::Builder::new().spawn(move || reads.read(output, &answer))?;
            thread::Builder::new().spawn(move || hears.keep_last_words(errors))?;
        }
        let certificate = certificate.map(TemporaryFile::path);
        // If it has ended, there is no answer.
        let _ = orders.send(line(&Order::Hello { hello: VERSION, ca_file: certificate.as_deref() }));
        let answer = answered.recv_timeout(START);
        let mut process =
            DriverProcess { child: Mutex::new(child), _group: group, welcome: Welcome::default(), orders, said };
        let answer = match answer {
            Ok(answer) => answer,
            Err(mpsc::RecvTimeoutError::Timeout) => return Err(StartError::Silent),
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                return Err(StartError::Ended(process.crash().unwrap_or_default()));
            }
        };
        process.welcome =
            serde_json::from_str(&answer).map_err(|error| StartError::Wrong(format!("{error}, in {answer:?}")))?;
        Ok(process)
    }

    /// Its answer to `hello`.
    pub(super) fn welcome(&self) -> &Welcome {
        &self.welcome
    }

    /// Orders something.
    pub(super) fn order(&self, order: &Order<'_>) -> Result<(), mpsc::SendError<String>> {
        self.orders.send(line(order))
    }

    /// Orders a request, and returns its number and what happens to it.
    pub(super) fn request<'o>(&self, order: impl FnOnce(u64) -> Order<'o>) -> (u64, UnboundedReceiver<Happened>) {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let (events, happened) = unbounded_channel();
        lock(&self.said.open).insert(id, events);
        // Of a driver that has ended, nothing more is heard.
        if self.order(&order(id)).is_err() || lock(&self.said.over).is_some() {
            lock(&self.said.open).remove(&id);
        }
        (id, happened)
    }

    /// Orders that a request is cancelled, and returns what happens to it from now on; none if it has ended.
    pub(super) fn cancel(&self, id: u64) -> Option<UnboundedReceiver<Happened>> {
        let (events, happened) = unbounded_channel();
        *lock(&self.said.open).get_mut(&id)? = events;
        self.order(&Order::Cancel { cancel: id }).ok()?;
        Some(happened)
    }

    /// Whether it has told the end of all requests, and still runs.
    pub(super) fn owes_nothing(&self) -> bool {
        lock(&self.said.open).is_empty() && lock(&self.said.over).is_none()
    }

    /// How it ended, if it did.
    pub(super) fn crash(&self) -> Option<String> {
        let over = lock(&self.said.over).clone()?;
        let (mut child, begun) = (lock(&self.child), Instant::now());
        let status = loop {
            match child.try_wait() {
                Ok(None) if begun.elapsed() < END => thread::sleep(Duration::from_millis(5)),
                Ok(Some(status)) => break status.to_string(),
                _ => break "it still runs".into(),
            }
        };
        let words = lock(&self.said.last_words);
        let words = String::from_utf8_lossy(&words);
        let last = if words.trim().is_empty() { String::new() } else { format!("; its last words: {}", words.trim()) };
        Some(format!("{over} ({status}){last}"))
    }
}

impl Drop for DriverProcess {
    fn drop(&mut self) {
        let mut child = lock(&self.child);
        // It may have ended already.
        let _ = child.kill();
        let _ = child.wait();
    }
}

impl Said {
    /// Reads its lines: the answer to `hello`, then events.
    fn read(&self, output: ChildStdout, answer: &mpsc::Sender<String>) {
        let mut output = BufReader::new(output);
        let mut is_first = true;
        let over = loop {
            let mut line = Vec::new();
            match output.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line) {
                Ok(0) => break "the driver ended".into(),
                Err(error) => break format!("the driver cannot be read: {error}"),
                Ok(_) if !line.ends_with(b"\n") && line.len() as u64 == LONGEST_LINE => {
                    break format!("the driver wrote a line longer than {LONGEST_LINE} bytes");
                }
                Ok(_) => {}
            }
            let text = String::from_utf8_lossy(&line);
            if std::mem::take(&mut is_first) {
                // Nobody waits any more after a time.
                let _ = answer.send(text.trim_end().to_owned());
            } else if let Err(error) = serde_json::from_str(&text).map(|happened| self.hear(happened)) {
                /// How much of a wrong line is shown, in characters.
                const SHOWN: usize = 200;
                let shown: String = text.trim_end().chars().take(SHOWN).collect();
                break format!("the driver wrote what is no event: {error}, in {shown:?}");
            }
        };
        *lock(&self.over) = Some(over);
        lock(&self.open).clear();
    }

    /// Hands over an event. Those of requests before the last reset are ignored.
    fn hear(&self, happened: Happened) {
        let mut open = lock(&self.open);
        let (id, is_end) = (happened.id, !matches!(happened.what, What::Head { .. }));
        if let Some(events) = open.get(&id) {
            // The script may be over.
            let _ = events.send(happened);
        }
        if is_end {
            open.remove(&id);
        }
    }

    fn keep_last_words(&self, mut errors: ChildStderr) {
        let mut piece = [0; 1 << 10];
        while let Ok(read @ 1..) = errors.read(&mut piece) {
            let mut words = lock(&self.last_words);
            words.extend_from_slice(&piece[..read]);
            let surplus = words.len().saturating_sub(LAST_WORDS);
            words.drain(..surplus);
        }
    }
}

fn line(order: &Order<'_>) -> String {
    serde_json::to_string(order).expect("strings, numbers and lists can be written") + "\n"
}

/// Nothing panics while a lock is held.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
