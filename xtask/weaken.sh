#!/bin/sh
# Stands between cargo and the compiler for packages of the workspace alone, and
# leaves walls out of what is built: see `xtask/src/weakened.rs`.
exec "$@" --cfg veritech_weakened
