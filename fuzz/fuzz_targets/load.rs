//! Whatever a suite, requirement or profile file holds, loading it ends: with the model, or with diagnostics that can
//! be drawn.

#![no_main]

use libfuzzer_sys::fuzz_target;
use oauthspec::load::{self, Diagnostics, Source};

const REQUIREMENTS: &str = "document: example\ntitle: Example\nlink: https://docs.example/oauth\nrequirements:\n\
    \x20 - id: example-2-state-echo\n    level: MUST\n    section: '2'\n    text: The state comes back.\n";

fuzz_target!(|text: &str| {
    let source = |name: &str, text: &str| Source { name: name.to_owned(), text: text.to_owned() };
    let files = [source("fuzz.yaml", text), source("requirements.yaml", REQUIREMENTS)];
    if let Err(Diagnostics(mut told)) = load::library(&files) {
        assert!(!told.is_empty());
        // Nearly all of the time would go into drawing hundreds of like ones.
        let last = told.pop();
        told.truncate(2);
        told.extend(last);
        assert!(Diagnostics(told).render(false).contains("error"));
    }
});
