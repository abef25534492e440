//! Types that the model, the readers and the reports share: the stacks, the phases of a request, and whether the peer
//! acted on it.

use serde::{Deserialize, Serialize};
use std::{array, fmt, ops};

/// One of the stacks whose errors are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StackName {
    /// hyper 0.14 on h2 0.3.
    Legacy,
    /// hyper 1 on h2 0.4.
    Modern,
}

/// The name and the crates of each stack, in the order of [`StackName::ALL`].
const LABELS: [(&str, &str); StackName::ALL.len()] = [("legacy", "hyper 0.14, h2 0.3"), ("modern", "hyper 1, h2 0.4")];

impl StackName {
    /// All stacks, legacy first.
    pub const ALL: [StackName; 2] = [StackName::Legacy, StackName::Modern];

    /// The other one.
    pub fn other(self) -> StackName {
        match self {
            StackName::Legacy => StackName::Modern,
            StackName::Modern => StackName::Legacy,
        }
    }

    /// Its name: `legacy`.
    pub fn name(self) -> &'static str {
        LABELS[self as usize].0
    }

    /// Its crates: `hyper 0.14, h2 0.3`.
    pub fn crates(self) -> &'static str {
        LABELS[self as usize].1
    }
}

impl fmt::Display for StackName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A value for each stack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PerStack<T>([T; StackName::ALL.len()]);

impl<T> PerStack<T> {
    /// These values, in the order of [`StackName::ALL`].
    pub const fn new(values: [T; StackName::ALL.len()]) -> PerStack<T> {
        PerStack(values)
    }

    /// The value that `of` gives for each stack.
    pub fn of(of: impl FnMut(StackName) -> T) -> PerStack<T> {
        PerStack(StackName::ALL.map(of))
    }

    /// The same values, with another value for this stack.
    pub fn with(mut self, stack: StackName, value: T) -> PerStack<T> {
        self[stack] = value;
        self
    }

    /// The values in the order of [`StackName::ALL`].
    pub fn each(&self) -> [&T; StackName::ALL.len()] {
        self.0.each_ref()
    }

    /// The result of `of` for each value.
    pub fn map<'t, U>(&'t self, of: impl FnMut(&'t T) -> U) -> PerStack<U> {
        PerStack(self.0.each_ref().map(of))
    }

    /// The values, each with its stack.
    pub fn iter(&self) -> impl Iterator<Item = (StackName, &T)> {
        StackName::ALL.into_iter().zip(&self.0)
    }
}

impl<T> IntoIterator for PerStack<T> {
    type Item = T;
    type IntoIter = array::IntoIter<T, { StackName::ALL.len() }>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<T> ops::Index<StackName> for PerStack<T> {
    type Output = T;

    fn index(&self, stack: StackName) -> &T {
        &self.0[stack as usize]
    }
}

impl<T> ops::IndexMut<StackName> for PerStack<T> {
    fn index_mut(&mut self, stack: StackName) -> &mut T {
        &mut self.0[stack as usize]
    }
}

/// A map with a key for each stack.
impl<T: Serialize> Serialize for PerStack<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// A map with a key for each stack; none may be missing.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for PerStack<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<PerStack<T>, D::Error> {
        let mut values = std::collections::BTreeMap::<StackName, T>::deserialize(deserializer)?;
        let missing = StackName::ALL.into_iter().find(|stack| !values.contains_key(stack));
        if let Some(stack) = missing {
            return Err(serde::de::Error::custom(format!("missing the stack `{stack}`")));
        }
        Ok(PerStack(StackName::ALL.map(|stack| values.remove(&stack).expect("no stack is missing"))))
    }
}

/// How far a request had come when it ended in an error, as far as its application knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// The connection was being made.
    Connection,
    /// The connection had not yet taken the request.
    Sending,
    /// The application was waiting for the head of the response.
    Head,
    /// The application was reading the body, or waiting for the trailers or the end of the stream.
    Body,
    /// The trailers had arrived.
    Trailers,
}

impl Phase {
    /// All of them, in the order in which a request goes through them.
    pub const ALL: [Phase; 5] = [Phase::Connection, Phase::Sending, Phase::Head, Phase::Body, Phase::Trailers];
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Phase::Connection => "connection",
            Phase::Sending => "sending",
            Phase::Head => "head",
            Phase::Body => "body",
            Phase::Trailers => "trailers",
        })
    }
}

/// Whether the peer acted on a request (RFC 9113 §8.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Processed {
    /// Provably not: the request may be sent again, whatever its method is.
    No,
    /// Unknown.
    Maybe,
    /// The peer acted on it.
    Yes,
}

impl fmt::Display for Processed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
