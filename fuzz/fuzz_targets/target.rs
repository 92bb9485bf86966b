//! Whatever a target file holds, loading it ends: with a target, or with diagnostics that can be drawn.

#![no_main]

use libfuzzer_sys::fuzz_target;
use oauthspec::load::{self, Diagnostics, Source};
use oauthspec::model::Library;

fuzz_target!(|text: &str| {
    let file = Source { name: "fuzz.yaml".to_owned(), text: text.to_owned() };
    let environment = |name: &str| (name.len() > 4).then(|| "${x} $y".to_owned());
    if let Err(Diagnostics(mut told)) = load::target(&file, &environment, Some(1), &Library::default()) {
        let last = told.pop();
        told.truncate(2);
        told.extend(last);
        assert!(Diagnostics(told).render(true).contains("error"));
    }
});
