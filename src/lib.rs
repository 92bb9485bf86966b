//! Conformance testing of OAuth 2.0 authorization servers, from outside.
//!
//! The rooms, in layer order; who may import whom is kept by `tests/architecture.rs`.
//!
//! * words and wire: [`oauth`], [`http`]
//! * the nouns: [`model`]
//! * rooms that know one thing each: [`load`], [`plan`], [`check`], [`generate`], [`user_agent`],
//!   [`report`], [`results`], [`reference`]
//! * what brings them together: [`engine`], and over it [`cli`]

#![warn(missing_docs, missing_debug_implementations)]
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod check;
pub mod cli;
pub mod engine;
pub mod generate;
pub mod http;
pub mod load;
pub mod model;
pub mod oauth;
pub mod plan;
pub mod reference;
pub mod report;
pub mod results;
pub mod user_agent;
