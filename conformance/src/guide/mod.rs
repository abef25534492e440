//! Pages for people who use the suite or add to it.

#[cfg(feature = "aws-legacy")]
#[doc = include_str!("goaway.md")]
pub mod goaway {}

#[doc = include_str!("scenarios.md")]
pub mod scenarios {}

#[doc = include_str!("json.md")]
pub mod json {}

#[doc = include_str!("sweep.md")]
pub mod sweep {}
