use crate::load::BuiltIn;

/// Every file under `suites/`, with its path from the root of the sources.
pub(super) const SUITES: &[BuiltIn] = include!(concat!(env!("OUT_DIR"), "/suites.rs"));

const TOKENS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/tokens"));
