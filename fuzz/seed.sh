#!/bin/sh
# Fills the corpus with every small suite, requirement, profile and target file that the project has.
set -eu
cd "$(dirname "$0")/.."
mkdir -p fuzz/corpus/load
find fixtures/good-suites fixtures/bad-suites fixtures/bad-targets fixtures/targets suites/profiles \
    -name '*.yaml' -size -16k | while read -r file; do
    cp "$file" "fuzz/corpus/load/$(echo "$file" | tr / _)"
done
