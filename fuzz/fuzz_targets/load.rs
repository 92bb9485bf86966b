//! Whatever a suite, requirement or profile file holds, loading it ends: with the model, or with diagnostics that can
//! be drawn.

#![no_main]

use libfuzzer_sys::fuzz_target;
use oauthspec::load::{self, Diagnostics, Source};

const REQUIREMENTS: &str = "document: example\ntitle: Example\nlink: https://docs.example/oauth\nrequirements:\n\
    \x20 - id: example-2-state-echo\n    level: MUST\n    section: '2'\n    summary: The state comes back.\n";

fuzz_target!(|text: &str| {
    let source = |name: &str, text: &str| Source { name: name.to_owned(), text: text.to_owned() };
    let mut files = vec![source("fuzz.yaml", text)];
    // Only for those that name what it has: it is read anew for each.
    if text.contains("example-") {
        files.push(source("requirements.yaml", REQUIREMENTS));
    }
    if let Err(Diagnostics(mut told)) = load::library(&files) {
        assert!(!told.is_empty());
        // Drawing all of them would take nearly all of the time; which one it is depends on the text.
        let drawn = told.swap_remove(text.len() % told.len());
        assert!(Diagnostics(vec![drawn]).render(false).contains("error"));
    }
});
