//! An error chain as text: layers from the outside in, then the phase, as in `arc > io(TimedOut) > hyper:eof in head`.

use super::{Core, ErrorChain, Imitated, Layer};
use crate::{error_catalog::CatalogEntry, script::IoFailure, stacks::Enclosure, vocabulary::Phase};
use std::{fmt, str::FromStr};

/// Why a text is not an error chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidErrorChain {
    /// An unknown layer.
    #[error(
        "`{0}` is not a layer: the layers are shown, deep(N), imitation(goaway), io(TimedOut) and the like, arc, box, \
         transparent, hidden, connect, request-body, read, and `foreign ` before one of the last three"
    )]
    Layer(String),
    /// An unknown entry.
    #[error("`{0}` is not in the error catalogue: `conformance errors` lists all entries")]
    CatalogEntry(String),
    /// More layers than an error chain may have.
    #[error("{0} layers are too many: an error chain has at most 4096")]
    Deep(usize),
    /// An unknown phase.
    #[error("`{0}` is not a phase: the phases are connection, sending, head, body and trailers")]
    Phase(String),
}

/// The maximum number of layers, including those of `deep`: four times as many as are read.
const DEEPEST: usize = 4_096;

impl fmt::Display for ErrorChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for layer in &self.layers {
            write!(f, "{layer} > ")?;
        }
        match self.core {
            Core::Own(entry) => f.write_str(&entry.name)?,
            Core::Foreign(entry) => write!(f, "foreign {}", entry.name)?,
            Core::Endless => f.write_str("endless")?,
        }
        write!(f, " in {}", self.phase)
    }
}

impl FromStr for ErrorChain {
    type Err = InvalidErrorChain;

    fn from_str(text: &str) -> Result<ErrorChain, InvalidErrorChain> {
        let (chain, phase) = text.rsplit_once(" in ").unwrap_or((text, "head"));
        // The name of a phase is what it prints.
        let known = Phase::ALL.into_iter().find(|known| known.to_string() == phase.trim());
        let phase = known.ok_or_else(|| InvalidErrorChain::Phase(phase.trim().into()))?;
        let mut names: Vec<&str> = chain.split('>').map(str::trim).collect();
        let core = names.pop().unwrap_or_default();
        let entry = |name: &str| CatalogEntry::named(name).ok_or_else(|| InvalidErrorChain::CatalogEntry(name.into()));
        let core = match core.strip_prefix("foreign ") {
            Some(name) => Core::Foreign(entry(name)?),
            None if core == "endless" => Core::Endless,
            None => Core::Own(entry(core)?),
        };
        let layers: Vec<Layer> = names.into_iter().map(str::parse).collect::<Result<_, _>>()?;
        // Nested errors are dropped recursively, on the thread's stack.
        let depth = layers.iter().map(|layer| layer.depth()).sum();
        if depth > DEEPEST {
            return Err(InvalidErrorChain::Deep(depth));
        }
        Ok(ErrorChain { layers, core, phase })
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Layer::Shown => f.write_str("shown"),
            Layer::Deep(layers) => write!(f, "deep({layers})"),
            Layer::Imitation(imitated) => write!(f, "imitation({})", imitated.name_and_text().0),
            Layer::Io(failure) => write!(f, "io({failure})"),
            Layer::Arc => f.write_str("arc"),
            Layer::Box => f.write_str("box"),
            Layer::Transparent => f.write_str("transparent"),
            Layer::Hidden => f.write_str("hidden"),
            Layer::Enclosed(enclosure) => f.write_str(enclosure_name(*enclosure)),
            Layer::ForeignEnclosed(enclosure) => write!(f, "foreign {}", enclosure_name(*enclosure)),
        }
    }
}

impl FromStr for Layer {
    type Err = InvalidErrorChain;

    fn from_str(text: &str) -> Result<Layer, InvalidErrorChain> {
        let plain = [Layer::Shown, Layer::Arc, Layer::Box, Layer::Transparent, Layer::Hidden].into_iter();
        let named = plain
            .chain(Imitated::ALL.map(Layer::Imitation))
            .chain(IoFailure::ALL.map(Layer::Io))
            .chain(Enclosure::ALL.map(Layer::Enclosed))
            .chain(Enclosure::ALL.map(Layer::ForeignEnclosed));
        let deep = || Some(Layer::Deep(text.strip_prefix("deep(")?.strip_suffix(')')?.parse().ok()?));
        // The name of a layer is what it prints.
        let known = named.into_iter().find(|layer| layer.to_string() == text).or_else(deep);
        known.ok_or_else(|| InvalidErrorChain::Layer(text.into()))
    }
}

fn enclosure_name(enclosure: Enclosure) -> &'static str {
    match enclosure {
        Enclosure::Connect => "connect",
        Enclosure::RequestBody => "request-body",
        Enclosure::Read => "read",
    }
}
