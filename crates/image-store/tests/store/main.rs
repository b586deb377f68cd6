//! The store against a real registry, against one that lies, against archives, and
//! with other processes in it.
#![expect(
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is how a test fails"
)]

mod credentials;
mod hostile;
mod imports;
mod liar;
mod lying;
mod processes;
mod pulls;
mod room;
mod support;
