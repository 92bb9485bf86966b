//! Conformance testing of OAuth 2.0 authorization servers, from outside.
//!
//! The rooms, in layer order; who may import whom is kept by `tests/architecture.rs`.

#![warn(missing_docs, missing_debug_implementations)]

pub mod http;
pub mod load;
pub mod model;
pub mod oauth;
