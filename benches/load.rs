//! How fast suites are loaded and how much memory that takes: the built-in ones, 10,000 generated cases beside a
//! tenth of them, and `list` from the start of the process to its end. `cargo bench --profile dist --bench load`.

use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::Write as _;
use std::hint::black_box;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use oauthspec::cli::built_in_library;
use oauthspec::load::{self, Source};

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = loading, listing
}
criterion_main!(benches);

fn loading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("load");
    for cases in [1_000, 10_000] {
        let sources = sources(cases);
        let bytes: usize = sources.iter().map(|source| source.text.len()).sum();
        let before = HELD.load(Ordering::Relaxed);
        PEAK.store(before, Ordering::Relaxed);
        drop(black_box(load::library(&sources).unwrap_or_else(|d| panic!("{}", d.render(false)))));
        let peak = (PEAK.load(Ordering::Relaxed) - before) / (1 << 20);
        eprintln!("{cases} generated cases, {} KiB: {peak} MiB at most while loading", bytes / 1024);
        group.throughput(Throughput::Elements(cases as u64));
        group.bench_function(format!("{cases} generated cases"), |bencher| {
            bencher.iter(|| load::library(black_box(&sources)).map(drop).map_err(drop));
        });
    }
    group.bench_function("the built-in suites", |bencher| bencher.iter(|| built_in_library().map(drop)));
    group.finish();
}

fn listing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("process");
    for arguments in [&["--version"][..], &["list"]] {
        group.bench_function(arguments[0], |bencher| {
            bencher.iter(|| {
                let mut command = Command::new(env!("CARGO_BIN_EXE_oauthspec"));
                let status = command.args(arguments).stdout(Stdio::null()).status().expect("the binary runs");
                assert!(status.success());
            });
        });
    }
    group.finish();
}

/// Suites of a hundred cases, each of about the size that ours have.
fn sources(cases: usize) -> Vec<Source> {
    let mut sources = vec![Source {
        name: "requirements.yaml".to_owned(),
        text: include_str!("../fixtures/good-suites/requirements.yaml").to_owned(),
    }];
    for suite in 0..cases / 100 {
        let mut text =
            format!("suite: generated-{suite}\ntitle: Generated\nneeds: [authorization_code]\ncases:\n");
        for case in 0..100 {
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "  - id: case-{case}\n    title: The state number {case} of suite {suite} comes back as it was\n\
                 \x20   when: not policy.state.minimum or policy.state.minimum < {case}\n\
                 \x20   matrix: {{ length: [8, 64, 255] }}\n    steps:\n\
                 \x20     - authorize: {{ state: {{ random: $length }}, scope: \"${{client.scope}} x\" }}\n\
                 \x20       as: first\n        expect:\n\
                 \x20         - for: example-2-state-echo\n            one_of:\n\
                 \x20             - {{ label: echoed, redirect: {{ code: {{ present: true }}, state: $request.state }} }}\n\
                 \x20             - {{ label: in the fragment, redirect: {{ in: fragment }} }}\n\
                 \x20     - token: {{ from: first }}\n        when: first.code\n        expect:\n\
                 \x20         - for: example-1-code-single-use\n            success: true\n\
                 \x20         - for: example-3.1-cache-control\n            header: {{ cache-control: {{ contains: no-store }} }}\n"
            );
        }
        sources.push(Source { name: format!("generated-{suite}.yaml"), text });
    }
    sources
}

/// Counts what is held.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: everything is the system's allocator's; only sizes are added up beside it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(held, Ordering::Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}
