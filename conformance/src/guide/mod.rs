//! Pages for people who use the library or add to it.

#[doc = include_str!("adding.md")]
pub mod adding {}

#[doc = include_str!("clients.md")]
pub mod clients {}

#[doc = include_str!("glossary.md")]
pub mod glossary {}

#[doc = include_str!("laws.md")]
pub mod laws {}

#[doc = include_str!("scenarios.md")]
pub mod scenarios {}
