/// Every file under `suites/`, with its path from the root of the sources.
pub(super) const SUITES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/suites.rs"));
