//! Whatever a file holds, loading it ends: with the model, or with diagnostics that can be drawn.

#![no_main]

use libfuzzer_sys::fuzz_target;
use oauthspec::load::{self, Source};
use oauthspec::model::Library;

const REQUIREMENTS: &str = include_str!("../../fixtures/good-suites/requirements.yaml");

fuzz_target!(|text: &str| {
    let source = |name: &str, text: &str| Source { name: name.to_owned(), text: text.to_owned() };
    let file = source("fuzz.yaml", text);
    if let Err(diagnostics) = load::library(&[file.clone(), source("requirements.yaml", REQUIREMENTS)]) {
        assert!(!diagnostics.0.is_empty());
        assert!(diagnostics.render(false).contains("error"));
    }
    let environment = |name: &str| (name.len() > 4).then(|| "${x} $y".to_owned());
    if let Err(diagnostics) = load::target(&file, &environment, Some(1), &Library::default()) {
        assert!(diagnostics.render(true).contains("error"));
    }
});
