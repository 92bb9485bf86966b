#!/bin/sh
# Fills the corpora: every small file that the project has, and every shipped case as a suite of its own.
set -eu
cd "$(dirname "$0")/.."
mkdir -p fuzz/corpus/load fuzz/corpus/target
find fixtures/bad-targets fixtures/targets -name '*.yaml' -size -16k | while read -r file; do
    cp "$file" "fuzz/corpus/target/$(echo "$file" | tr / _)"
done
find fixtures/good-suites fixtures/bad-suites suites/profiles -name '*.yaml' -size -16k | while read -r file; do
    cp "$file" "fuzz/corpus/load/$(echo "$file" | tr / _)"
done
find suites -name '*.yaml' | while read -r file; do
    awk -v out="fuzz/corpus/load/$(echo "$file" | tr / _)" '
        /^  - id:/ { cases++; if (cases > 1) close(out "_" cases - 1); printf "%s", head > (out "_" cases) }
        # Most name requirements that are not there; with one that is, the reader comes further.
        cases { gsub(/for: [a-z0-9.-]+/, "for: example-2-state-echo"); print > (out "_" cases); next }
        { head = head $0 "\n" }
    ' "$file"
done
