# The image of Tintype (stage `tintype`, the last one) and of its web server (stage `web`, for docker-compose.yml).
#
# Dependencies are compiled from the manifests alone, with empty crates in the place of ours, so that a change of our code
# rebuilds our code only. This needs no BuildKit: any builder caches it.

# Every manifest and the lock file, and empty crates.
FROM rust:1.95-bookworm AS manifests
WORKDIR /src
COPY . .
RUN find crates migrations frontend -type f ! -name Cargo.toml ! -path '*/src/lib.rs' ! -path '*/src/main.rs' -delete \
    && find crates migrations frontend -name lib.rs -exec truncate --size 0 {} + \
    && find crates migrations frontend -name main.rs | while read -r file; do echo 'fn main() {}' > "$file"; done

FROM rust:1.95-bookworm AS rust
WORKDIR /src
RUN rustup target add wasm32-unknown-unknown
ENV CARGO_TERM_PROGRESS_WHEN=never
COPY --from=manifests /src .

# The page.
FROM rust AS page
RUN cargo build --locked --package xtask \
    && cargo build --locked --package tintype-frontend --target wasm32-unknown-unknown --profile page
COPY crates/dto crates/dto
COPY crates/imaging crates/imaging
COPY crates/xtask crates/xtask
COPY frontend frontend
# Cargo rebuilds what is newer than its outputs; copied files keep times that are older than the empty crates' outputs.
RUN find crates frontend -name '*.rs' -exec touch {} + && cargo run --locked --package xtask -- page

# The server, with the page inside: dependencies, then ours.
FROM rust AS server
RUN mkdir -p target/dist && cargo build --locked --release --bin tintype --features tintype-api/page
COPY crates crates
COPY migrations migrations
COPY --from=page /src/target/dist target/dist
# What `tintype --version` says beside the version: the history is not copied.
ARG COMMIT
ENV TINTYPE_COMMIT=$COMMIT
RUN find crates migrations -name '*.rs' -exec touch {} + && cargo build --locked --release --bin tintype --features tintype-api/page

# The web server may write to one folder, as a user without privileges.
FROM caddy:2 AS web
ENV XDG_DATA_HOME=/var/lib/caddy XDG_CONFIG_HOME=/var/lib/caddy
RUN mkdir -p /var/lib/caddy && chown 10001:10001 /var/lib/caddy
USER 10001:10001

FROM debian:bookworm-slim AS tintype
# A new named volume takes its owner from this folder.
RUN groupadd --gid 10001 tintype \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/tintype --shell /usr/sbin/nologin tintype \
    && install -d -o 10001 -g 10001 -m 0750 /var/lib/tintype
COPY --from=server /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=server /src/target/release/tintype /usr/local/bin/tintype
# Threads that check pictures share memory that is free again: after uploads a quarter less.
ENV TINTYPE_DATA_DIR=/var/lib/tintype MALLOC_ARENA_MAX=2
USER 10001:10001
WORKDIR /var/lib/tintype
EXPOSE 8080 8081 8082 9090
ENTRYPOINT ["tintype"]
CMD ["serve"]
