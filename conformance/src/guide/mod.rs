//! Pages for people who use the suite or add to it. Some link to what is there with its default features only.

#[cfg(feature = "aws-legacy")]
#[doc = include_str!("goaway.md")]
pub mod goaway {}

#[cfg(all(feature = "aws-legacy", feature = "cli"))]
#[doc = include_str!("laws.md")]
pub mod laws {}

#[cfg(all(feature = "aws-legacy", feature = "cli"))]
#[doc = include_str!("glossary.md")]
pub mod glossary {}

#[doc = include_str!("scenarios.md")]
pub mod scenarios {}

#[cfg(all(feature = "aws-legacy", feature = "cli"))]
#[doc = include_str!("adding.md")]
pub mod adding {}

#[doc = include_str!("json.md")]
pub mod json {}

#[doc = include_str!("sweep.md")]
pub mod sweep {}

#[doc = include_str!("night.md")]
pub mod night {}
