# SPDX-License-Identifier: Apache-2.0
"""What the integration tests and the quickstart stand on: each module one thing, standard library only.

wait       wait_for(): the only place that waits
processes  no process may be left behind
server     an HTTP server in a thread, what registry and receiver have in common
index      a sparse index as a folder, and every way to change it
registry   a Cargo registry around such a folder, good enough for real `cargo publish` and `cargo yank`
faulty     a registry that can break every rule of HTTP, TLS, HTTP/2 and the index
faults     the table of what it may do wrong, and what is to come of it
cargo      real cargo, pointed at that registry
nginx      nginx with TLS and HTTP/2 in front of such a folder
receiver   a webhook's other end: keeps what came, answers as told, checks signatures by itself
chats      seven chat services: what each demands of a message, and what in it would ping or lead somewhere
alertmanager  the distribution's Alertmanager
prometheus    the distribution's Prometheus
openapi    what the daemon says of its socket, and documents held against it
edges      a registry behind edges that are stale, cut replies short or fail
daemon     yankwatchd in a folder of its own
clock      a time for it that a test moves forward
history    random histories of a registry, by meaning and as index files
oracle     what a daemon must record of them, by the rules
demo       what scripts/quickstart shows
follow     what scripts/quickstart CRATE… and scripts/quickstart Cargo.lock do
follow_lockfile, follower   what these show
"""
