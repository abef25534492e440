//! Pages for people who use the program.

#[doc = include_str!("ci.md")]
pub mod ci {}

#[doc = include_str!("explain.md")]
pub mod explain {}

#[doc = include_str!("findings.md")]
pub mod findings {}

#[doc = include_str!("fuzzing.md")]
pub mod fuzzing {}

#[doc = include_str!("json.md")]
pub mod json {}

#[doc = include_str!("night.md")]
pub mod night {}

#[doc = include_str!("report.md")]
pub mod report {}

#[doc = include_str!("reproduce.md")]
pub mod reproduce {}

#[doc = include_str!("serve.md")]
pub mod serve {}

#[doc = include_str!("sweep.md")]
pub mod sweep {}
