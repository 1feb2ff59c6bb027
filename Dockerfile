# docker build -t vector-signatures .
# docker run -v ./config:/etc/vector-signatures/config:ro -v signatures:/var/lib/vector-signatures \
#   -p 6100:6100 -e SIGNATURES_FORWARD=http://vector:6101 vector-signatures
FROM rust:1-slim-bookworm AS build
# zstd and the cryptography of TLS are compiled from C.
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo build --release --locked --package vector-signatures

FROM debian:bookworm-slim
# The authorities that an https:// next hop may be certified by.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /src/target/release/vector-signatures /usr/bin/vector-signatures
COPY config /etc/vector-signatures/config
# Alerts that wait, and cooldowns; a volume put here takes over the owner.
RUN install -d -m 700 -o 65532 -g 65532 /var/lib/vector-signatures
ENV SIGNATURES_STATE_DIR=/var/lib/vector-signatures
WORKDIR /etc/vector-signatures
USER 65532:65532
EXPOSE 6100
ENTRYPOINT ["/usr/bin/vector-signatures"]
CMD ["serve", "--config", "config/relay.yml", "--listen", "0.0.0.0:6100"]
