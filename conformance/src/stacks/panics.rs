//! The panics of third-party code, of stacks and of classifiers: they are caught and recorded, and the suite goes on.

use super::Task;
use crate::peer::lock;
use std::{
    cell::{Cell, RefCell},
    future::Future,
    panic::{AssertUnwindSafe, Location, PanicHookInfo, catch_unwind},
    pin::Pin,
    sync::{Arc, Mutex, Once},
    task::{Context, Poll},
};

/// A task whose panics are caught and kept, including those of its drop.
pub(super) struct Guarded {
    pub(super) task: Option<Task>,
    /// The request whose exchange it is.
    pub(super) request: Option<usize>,
    pub(super) panics: Arc<Mutex<Vec<String>>>,
}

impl Guarded {
    /// Drops the task. What wakes it later finds it done.
    pub(super) fn give_up(&mut self) {
        give_up(&self.panics, self.task.take());
    }
}

impl Future for Guarded {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let Some(task) = &mut this.task else { return Poll::Ready(()) };
        match guard(&this.panics, || task.as_mut().poll(cx)) {
            Some(Poll::Pending) => Poll::Pending,
            // Done, or panicked and never polled again.
            Some(Poll::Ready(())) | None => {
                guard(&this.panics, || drop(this.task.take()));
                Poll::Ready(())
            }
        }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.give_up();
    }
}

thread_local! {
    /// Whether this thread runs third-party code, a stack's or a classifier's. A panic is then not the suite's.
    static IN_STACK: Cell<bool> = const { Cell::new(false) };
    /// The location and message of the last panic in third-party code on this thread.
    static LAST_PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs a stack's code. A panic is recorded and gives `None`.
pub(super) fn guard<T>(panics: &Mutex<Vec<String>>, code: impl FnOnce() -> T) -> Option<T> {
    catch(code).map_err(|text| lock(panics).push(text)).ok()
}

/// Drops a part of a stack. After a panic it is leaked: h2's locks are poisoned, and a tunnel, which drops two of their users
/// one after the other, would panic in a panic. That ends the process.
pub(super) fn give_up<T>(panics: &Mutex<Vec<String>>, part: T) {
    if lock(panics).is_empty() {
        guard(panics, || drop(part));
    } else {
        std::mem::forget(part);
    }
}

/// Runs third-party code and returns the message of a panic as the error.
pub fn catch<T>(code: impl FnOnce() -> T) -> Result<T, String> {
    let outer = IN_STACK.replace(true);
    let result = catch_unwind(AssertUnwindSafe(code));
    IN_STACK.set(outer);
    result.map_err(|payload| panic_text(&*payload))
}

/// Runs third-party code that may catch its own panics, as a runtime does. Returns its result and the message of its last
/// panic.
///
/// # Panics
///
/// If the code panics and does not catch it.
pub(crate) fn watch<T>(code: impl FnOnce() -> T) -> (T, Option<String>) {
    LAST_PANIC.take();
    let outer = IN_STACK.replace(true);
    let result = code();
    IN_STACK.set(outer);
    (result, LAST_PANIC.take())
}

fn panic_text(payload: &(dyn std::any::Any + Send)) -> String {
    if let Some(text) = LAST_PANIC.take() {
        return text;
    }
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without a message".into())
}

/// A panic, with the file in its crate: where the crate is on this machine does not matter.
fn text(panic: &PanicHookInfo<'_>) -> String {
    let text = panic.to_string();
    let Some(file) = panic.location().map(Location::file) else { return text };
    // The folder of the crate is the one before its sources.
    let folder = file.rfind("/src/").and_then(|sources| file[..sources].rfind('/'));
    text.replacen(file, &file[folder.map_or(0, |slash| slash + 1)..], 1)
}

/// Keeps the panics of stacks off the terminal: [`Observation::panics`](super::Observation::panics) records them, with their location. All other
/// panics go to the previous hook. Only the first call has an effect.
pub fn record_stack_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if IN_STACK.get() {
                LAST_PANIC.set(Some(text(info)));
            } else {
                before(info);
            }
        }));
    });
}
