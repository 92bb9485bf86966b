//! Whatever a target file holds, loading it ends: with a target, or with diagnostics that can be drawn.

#![no_main]

use libfuzzer_sys::fuzz_target;
use oauthspec::load::{self, Diagnostics, Source};
use oauthspec::model::Library;

fuzz_target!(|text: &str| {
    let file = Source { name: "fuzz.yaml".to_owned(), text: text.to_owned() };
    let environment = |name: &str| (name.len() > 4).then(|| "${x} $y".to_owned());
    if let Err(Diagnostics(mut told)) = load::target(&file, &environment, Some(1), &Library::default()) {
        assert!(!told.is_empty());
        let drawn = told.swap_remove(text.len() % told.len());
        assert!(Diagnostics(vec![drawn]).render(true).contains("error"));
    }
});
