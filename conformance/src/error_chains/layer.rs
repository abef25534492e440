use crate::{
    script::IoFailure,
    stacks::{BoxError, Enclosure, Generation, Holder, Legacy, Modern, generation},
    vocabulary::StackName,
};
use std::{
    error::Error,
    fmt, io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::time::error::Elapsed;

/// A layer that code above a client puts around an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layer {
    /// An error whose `source()` is what it wraps.
    Shown,
    /// This number of `Shown` layers, one inside the other.
    Deep(u16),
    /// An error with a source, whose own text is that of an error of hyper or h2.
    Imitation(Imitated),
    /// `std::io::Error::new` with this kind; `io::Error::other` for `Other`.
    Io(IoFailure),
    /// An `Arc`: it forwards `source()`, and so skips the error that it holds.
    Arc,
    /// A `Box`, which does the same.
    Box,
    /// `#[error(transparent)]`, which does the same with a type that no reader knows.
    Transparent,
    /// An error whose `source()` does not show what it wraps.
    Hidden,
    /// An error of the stack around another error.
    Enclosed(Enclosure),
    /// An error of the other stack around another error.
    ForeignEnclosed(Enclosure),
}

/// The error whose text is imitated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Imitated {
    /// `connection error received: not a result of an error`
    Goaway,
    /// `stream error received: refused stream before processing any application logic`
    RefusedStream,
    /// `operation was canceled`
    Canceled,
    /// `http2 error: keep-alive timed out`
    Timeout,
    /// `dispatch task is gone: runtime dropped the dispatch task`
    User,
}

impl Imitated {
    /// All of them.
    pub const ALL: [Imitated; 5] =
        [Imitated::Goaway, Imitated::RefusedStream, Imitated::Canceled, Imitated::Timeout, Imitated::User];

    /// The text that hyper or h2 prints.
    pub fn text(self) -> &'static str {
        self.name_and_text().1
    }

    /// Its name in the text of an error chain, and the text that hyper or h2 prints.
    pub(super) fn name_and_text(self) -> (&'static str, &'static str) {
        match self {
            Imitated::Goaway => ("goaway", "connection error received: not a result of an error"),
            Imitated::RefusedStream => {
                ("refused-stream", "stream error received: refused stream before processing any application logic")
            }
            Imitated::Canceled => ("canceled", "operation was canceled"),
            Imitated::Timeout => ("timeout", "http2 error: keep-alive timed out"),
            Imitated::User => ("user", "dispatch task is gone: runtime dropped the dispatch task"),
        }
    }
}

impl Layer {
    /// Whether it only shows what it wraps, and carries no information itself.
    pub fn only_shows(self) -> bool {
        matches!(self, Layer::Shown | Layer::Deep(_) | Layer::Imitation(_))
    }

    /// Whether `source()` may skip an error that it wraps: an I/O error is in what hyper gives for a failed read, too.
    pub fn may_skip(self) -> bool {
        use Enclosure::{Connect, RequestBody};
        !self.only_shows() && !matches!(self, Layer::Enclosed(Connect | RequestBody))
    }

    /// The number of errors that it puts around another.
    pub fn depth(self) -> usize {
        if let Layer::Deep(layers) = self { usize::from(layers) } else { 1 }
    }

    /// Whether it is an error of hyper, or of its pool.
    pub fn is_of_hyper(self) -> bool {
        matches!(self, Layer::Enclosed(_) | Layer::ForeignEnclosed(_))
    }

    /// Puts this layer around the error, with the types of this stack; `None` if the stack gives no such error.
    pub(super) fn around(self, inner: BoxError, stack: StackName) -> Option<BoxError> {
        Some(match self {
            Layer::Shown => Shown(inner).into(),
            Layer::Deep(layers) => (0..layers).fold(inner, |inner, _| Shown(inner).into()),
            Layer::Imitation(imitated) => Imitation(imitated.text(), inner).into(),
            Layer::Io(failure) => io::Error::new(failure.kind(), inner).into(),
            Layer::Arc => shared(inner),
            Layer::Box => boxed(inner),
            Layer::Transparent => Transparent(inner).into(),
            Layer::Hidden => Hidden(inner).into(),
            Layer::Enclosed(enclosure) => generation(stack).enclose(enclosure, inner)?,
            Layer::ForeignEnclosed(enclosure) => generation(stack.other()).enclose(enclosure, inner)?,
        })
    }
}

/// Puts an error whose type a chain can contain into a holder of that type; returns any other error as `Err`.
fn held(holder: Holder, inner: BoxError) -> Result<BoxError, BoxError> {
    let held = Legacy.hold(holder, inner).or_else(|inner| Modern.hold(holder, inner));
    held.or_else(|inner| holder.hold::<io::Error>(inner)).or_else(|inner| holder.hold::<Elapsed>(inner))
}

fn shared(inner: BoxError) -> BoxError {
    held(Holder::Arc, inner).unwrap_or_else(|inner| Box::new(Arc::<dyn Error + Send + Sync>::from(inner)))
}

/// A `Box` whose type cannot be named is the same to a reader as a transparent layer.
fn boxed(inner: BoxError) -> BoxError {
    held(Holder::Box, inner).unwrap_or_else(|inner| Transparent(inner).into())
}

#[derive(Debug, thiserror::Error)]
#[error("the request failed")]
struct Shown(#[source] BoxError);

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Imitation(&'static str, #[source] BoxError);

#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Transparent(BoxError);

#[derive(Debug, thiserror::Error)]
#[error("the request failed: {0}")]
struct Hidden(BoxError);

/// An error that is its own source.
#[derive(Debug, Default)]
pub(super) struct Endless {
    asked: AtomicUsize,
}

impl Endless {
    /// The number of calls of `source()` that show that the reader does not stop.
    const PATIENCE: usize = 1 << 16;
}

impl fmt::Display for Endless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it failed because it failed")
    }
}

impl Error for Endless {
    /// # Panics
    ///
    /// After 65,536 calls: the reader does not stop.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        assert!(asked < Endless::PATIENCE, "a chain without an end was read for more than 65,536 links");
        Some(self)
    }
}
