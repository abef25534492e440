# `conformance serve` for the continuous integration of a client, without Rust. The page "Any client" of the guide
# (conformance/cli/src/guide/serve.md) says how to use it.
FROM rust:1-slim-bookworm AS build
WORKDIR /suite
COPY . .
# Linked statically, so that the program runs in an image of any distribution.
RUN RUSTFLAGS="-C target-feature=+crt-static" cargo install --locked --path conformance/cli --root /installed \
    --no-default-features --features tls --target "$(rustc -vV | sed -n 's/^host: //p')"

FROM debian:bookworm-slim
COPY --from=build /installed/bin/conformance /usr/local/bin/
# The program looks for its drivers where it was built.
COPY --from=build /suite/conformance/cli/drivers /suite/conformance/cli/drivers
# Ctrl-C ends it; as the first process of a container it would ignore SIGTERM.
STOPSIGNAL SIGINT
ENTRYPOINT ["conformance", "serve"]
CMD ["--help"]
