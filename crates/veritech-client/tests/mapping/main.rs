//! Schemas of props and the mapping of values, with inputs nobody chose.

#![forbid(unsafe_code)]

mod arbitrary;
mod properties;
mod suite;
