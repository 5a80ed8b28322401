# The only entry point for people. `just` alone lists what there is.
set shell := ["bash", "-euo", "pipefail", "-c"]

_default:
    @just --list --unsorted

# Build the page and the server, then serve on http://127.0.0.1:8080 with data in ./data
run:
    cargo xtask run

# Build the page into target/dist
page: (_tools "wasm")
    cargo xtask page

# Build the page with the sheet of its tokens and components, then serve that on http://127.0.0.1:8080/design
design: (_tools "wasm")
    cargo xtask design
    cargo build --bin tintype
    TINTYPE_SERVER__PAGE_DIR=target/design ./target/debug/tintype serve

# Run every test: units, API on SQLite and PostgreSQL, storage, components and the page in a browser
test *args:
    cargo xtask test {{ args }}

# Run the Rust tests without a browser: fast enough to run while working
test-server *args: (_tools "postgres" "caddy" "exiftool" "strace" "curl" "jq" "python3" "unzip")
    tests/with-postgres cargo test {{ args }}

# Run the storage cases, the upload flow and the doctor against a real S3 server: Garage, or the one that TINTYPE_TEST_S3_* names
test-s3: (_tools "garage" "postgres")
    tests/with-s3 cargo test -p tintype-storage --test suite -- --ignored real::
    tests/with-s3 cargo test --test api -- --ignored stores::
    tests/with-postgres tests/with-s3 cargo test --test api -- --ignored kill::matrix

# Use a server through nginx and Caddy with the files of deploy/proxies
test-proxies: (_tools "caddy" "nginx" "openssl" "python3")
    cargo build --bin tintype
    tests/proxies

# The clients that generators make of the document (TypeScript, Python, Rust), programs that upload (curl, PicGo, rustypaste's), and what is in examples/
test-clients:
    tests/test-clients

# A thousand files dropped at once, 100,000 pictures scrolled, a cold start on a slow machine: measured, so nothing else should run meanwhile
test-scale: (_tools "chromium" "sqlite3") page
    cargo build --bin tintype
    cargo test -p tintype-e2e -- --ignored --nocapture --test-threads 1 scale:: startup::

# Lighthouse's scores of log in, gallery, image view and an album's page as they are shipped, desktop and mobile, medians of five: fails below 95 and 90
lighthouse: (_tools "chromium") page
    @tests/need node nodejs "install Node.js"
    @[ -d target/lighthouse/node_modules/lighthouse ] || { tests/need npm npm "install npm"; npm install --silent --no-audit --no-fund --prefix target/lighthouse lighthouse@13; }
    @tests/photos
    cargo xtask release
    TINTYPE_BIN="$PWD/target/release/tintype" cargo test -p tintype-e2e -- --ignored --nocapture lighthouse::

# Picture every page in light and dark, wide and narrow, with real photographs: into target/screenshots
screenshots: (_tools "chromium") page
    @tests/photos
    cargo xtask design
    cargo build --bin tintype
    cargo test -p tintype-e2e -- --ignored screenshots::

# Draw the icons of the installed page from frontend/static/icon.svg
icons:
    frontend/draw-icons

# Commits, formatting, lints (native and wasm), docs, dependencies nobody uses, licences, a fresh OpenAPI document that linters like, the page's size
check: (_tools "wasm" "cargo-deny" "cargo-shear" "c++" "openapi-lint" "workflow-lint")
    @# Older subjects stay as they are.
    tests/subjects 0f0b9549727abd44c2135aff9fdbf2795c46077e
    tests/lint-workflows
    cargo fmt --all --check
    cargo shear
    cargo clippy --all-targets -- -D warnings
    cargo clippy -p xtask --features wasm-test -p tintype-e2e -p tintype-imaging-fuzz -p tintype-verdicts -p tintype-bench --all-targets -- -D warnings
    cargo clippy -p tintype-cli --all-targets -- -D warnings
    cargo clippy -p tintype-frontend --features tintype-frontend/design -p tintype-verdicts --target wasm32-unknown-unknown --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --document-private-items
    @# deny reads the crates of every platform, which building for this one leaves out.
    cargo fetch --quiet --locked
    cargo deny --offline --log-level error check licenses bans sources
    cargo xtask page --check-budget
    @# The server that the tests build too.
    cargo run --quiet --bin tintype --features tintype-api/page -- openapi | diff -u openapi/openapi.json - || { echo "openapi/openapi.json is stale: run just openapi"; exit 1; }
    tests/lint-openapi
    @# As `cargo xtask run` builds it.
    cargo clippy --bin tintype --no-default-features --features tintype-api/page -- -D warnings
    tests/code-numbers
    ! cargo tree --offline -p tintype-api -e normal,build --prefix none | grep '^fail ' || { echo "what is shipped has failpoints"; exit 1; }
    @# The S3 client brings http, hyper and tower: below it they may be, but nothing of core asks for them.
    ! cargo tree --offline -p tintype-core -e normal,build --prefix none | grep -E '^(axum|clap|s3s|tower-http|utoipa) ' || { echo "the rules know HTTP"; exit 1; }
    ! cargo tree --offline -p tintype-core -e normal,build --prefix none --depth 1 | grep -E '^(http|hyper|tower) ' || { echo "the rules know HTTP"; exit 1; }

    @[ -z "${TINTYPE_ADVISORY_DB:-}" ] || just advisories

# Compare the lock file with known vulnerabilities: TINTYPE_ADVISORY_DB names a clone of https://github.com/RustSec/advisory-db, pulled within 90 days
advisories: (_tools "cargo-deny")
    @[ -d "${TINTYPE_ADVISORY_DB:?names a clone of the RustSec advisory database}/crates" ] || { echo "$TINTYPE_ADVISORY_DB is no clone of the RustSec advisory database"; exit 1; }
    @[ "$(git -C "$TINTYPE_ADVISORY_DB" log -1 --format=%ct)" -gt "$(($(date +%s) - 90 * 86400))" ] || { echo "$TINTYPE_ADVISORY_DB is older than 90 days: pull it"; exit 1; }
    cargo fetch --quiet --locked
    @mkdir -p target/advisories
    @# The name that cargo-deny gives to its own copy of that address; offline it takes what is there.
    ln -sfn "$(realpath "$TINTYPE_ADVISORY_DB")" target/advisories/advisory-db-3157b0e258782691
    cargo deny --offline check advisories

# Write the databases of a release, with data, into migrations/released: once, when it is made
release-data version: (_tools "postgres" "sqlite3")
    TINTYPE_TEST_RELEASE={{ version }} tests/with-postgres cargo test --test api -- --ignored released::fill

# Make what a release consists of from debug builds, and try it: the archive, the unit, the Debian package on a booted machine of its own (needs root)
test-package: (_tools "wasm" "cargo-deb" "cargo-cyclonedx" "nspawn" "curl" "jq")
    cargo build --bin tintype
    cargo build -p tintype-cli
    packaging/test

# Write openapi/openapi.json from the code
openapi:
    cargo run --quiet --bin tintype -- openapi > openapi/openapi.json.new
    mv openapi/openapi.json.new openapi/openapi.json

# Make .env and the secrets that docker-compose.yml needs, where they are missing
deploy-init:
    deploy/init

# Build the images, start the whole of docker-compose.yml, kill parts of it under load, and see that nothing is lost
test-compose:
    tests/compose

# Push about 1,800 public test pictures, several hundred of them broken, the whole way of an upload; Pillow and ExifTool look at what comes out, and the WASM build has to judge as the native one
corpus: (_tools "exiftool" "wasm")
    @tests/need node nodejs "install Node.js"
    tests/corpus

# Compare thumbnails and previews with what headless Chromium shows of their originals: pictures of every kind of colour, and those of more folders
colours *folders: (_tools "chromium")
    tests/colours {{ folders }}

# Let libFuzzer change real files, a minute each for sniff, inspect, clean and decode
fuzz seconds="60": (_tools "c++" "cargo-fuzz")
    tests/fuzz {{ seconds }}

# Let Schemathesis make requests from the OpenAPI document for so many seconds each: with a session, with an API token, with neither; stateful too
fuzz-api seconds="600": (_tools "schemathesis")
    cargo build --bin tintype
    tests/fuzz-api {{ seconds }}

# Play uploads, crashes, faults and time through for so many steps, every million from a seed of its own
simulate steps="100000000":
    TINTYPE_SIMULATION_STEPS={{ steps }} cargo test --config profile.dev.package.tintype-core.opt-level=2 --test api -- --ignored --nocapture simulation::

# Under 50 requests a second: restart three servers and two workers one after the other, and kill one every ten seconds for a minute. Under 10: upgrade from the binary of the version before, go back to it, and upgrade again
fire before="": (_tools "postgres")
    TINTYPE_TEST_BEFORE="{{ if before == "" { "" } else { absolute_path(before) } }}" tests/with-postgres cargo test --test api -- --ignored --nocapture --test-threads 1 fire::

# Measure: `just bench api` and `just bench overload` (`--write` puts their tables into docs/benchmarks.md, `--help` says more); `just bench imaging` with libvips beside it, `just bench storage` with a plain program that writes files
bench what *args:
    @[ {{ what }} != imaging ] || tests/need vipsthumbnail libvips-tools "install libvips with its tools"
    {{ if what =~ "^(api|overload)$" { "just _bench-server" } else { "just _bench-crate" } }} {{ what }} {{ args }}

_bench-crate what:
    cargo bench -p tintype-{{ what }} {{ if what == "imaging" { "--features render" } else { "" } }} --bench {{ what }}

# The built server, or the one that TINTYPE_BIN names.
_bench-server what *args: (_tools "postgres")
    @[ -n "${TINTYPE_BIN:-}" ] || cargo xtask release
    cargo build --release -p tintype-bench
    tests/with-postgres cargo run --quiet --release -p tintype-bench -- {{ what }} {{ args }}

# Measure what audit and sweep of 100,000 objects take, on SQLite and PostgreSQL; fails above 64 MiB of memory
measure-sweep: (_tools "postgres")
    cargo build --bin tintype
    tests/with-postgres cargo test --test api -- --ignored --nocapture --test-threads 1 measure::

# Make a database again from the manifests of 100,000 images, on SQLite and PostgreSQL: time and memory
measure-rebuild images="100000": (_tools "postgres")
    cargo build --bin tintype
    TINTYPE_TEST_REBUILD_IMAGES={{ images }} tests/with-postgres cargo test --test api -- --ignored --nocapture --test-threads 1 rebuild::large

# Back up and restore 100,000 images of 10 GB under load, on SQLite and PostgreSQL, beside cp and pg_dump; needs room for five times that in TMPDIR
test-restore images="100000" bytes="10000000000": (_tools "postgres")
    @# Optimised as what is shipped is, but for linking: in a debug build the store's protocol takes most of the time.
    TINTYPE_TEST_RESTORE_IMAGES={{ images }} TINTYPE_TEST_RESTORE_BYTES={{ bytes }} tests/with-postgres cargo test --release \
        --config profile.release.lto=false --config profile.release.codegen-units=16 --test api -- --ignored --nocapture --test-threads 1 backups::large

# Kill the server again and again, at failpoints and at any time, under a mixed load of 8 clients, on SQLite and on PostgreSQL
chaos rounds="1000" seed="": (_tools "postgres")
    TINTYPE_TEST_CHAOS_ROUNDS={{ rounds }} TINTYPE_TEST_CHAOS_SEED={{ seed }} tests/with-postgres cargo test --test api -- --ignored --nocapture --test-threads 1 kill::chaos

# Format everything
fmt:
    cargo fmt --all

# Build what is shipped: target/release/tintype, with the page inside
build:
    cargo xtask release

_tools +names:
    @tests/tools {{ names }}
