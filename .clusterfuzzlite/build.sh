#!/usr/bin/env bash
# Builds every fuzz target with its seeds, dictionary and options, laid out as OSS-Fuzz and ClusterFuzzLite expect
# them. In their image OUT, SRC, SANITIZER and FUZZING_LANGUAGE are set. Without them it builds into target/oss-fuzz,
# without a sanitizer, with the current toolchain.
set -euo pipefail
root=${SRC:+$SRC/conformance}
cd "${root:-$(dirname "$0")/..}"
OUT=${OUT:-$PWD/target/oss-fuzz}
sanitizer=${SANITIZER:-none}
mkdir -p "$OUT"

# OSS-Fuzz calls coverage a sanitizer; for cargo-fuzz it is a compiler flag, which OSS-Fuzz sets in RUSTFLAGS.
[[ $sanitizer == coverage ]] && sanitizer=none
cargo fuzz build --release --debug-assertions --sanitizer "$sanitizer"

cargo run --release --locked -- seeds target/seeds
for target in classify chain wire server; do
  cp "target/$(rustc -vV | sed -n 's/^host: //p')/release/$target" "$OUT/"
  # The search starts from the seeds and the corpus.
  (cd target/seeds && rm -f "$OUT/${target}_seed_corpus.zip" && zip -qr "$OUT/${target}_seed_corpus.zip" "$target")
  if [[ -d corpus/$target ]]; then
    (cd corpus && zip -qr "$OUT/${target}_seed_corpus.zip" "$target")
  fi
  printf '[libfuzzer]\nmax_len = 4096\ndict = http2.dict\n' > "$OUT/$target.options"
done
cp fuzz/http2.dict "$OUT/"
