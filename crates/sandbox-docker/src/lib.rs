//! Sandboxes that are containers of a Docker engine.
#![forbid(unsafe_code)]
