//! Pages for people who use the program.

#[doc = include_str!("json.md")]
pub mod json {}

#[doc = include_str!("night.md")]
pub mod night {}

#[doc = include_str!("sweep.md")]
pub mod sweep {}
