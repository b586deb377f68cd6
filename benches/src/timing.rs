//! How often, and when, something is measured, and what the times come to.
//!
//! Nothing here knows what is measured.

pub(crate) mod contest;
pub(crate) mod effort;
pub(crate) mod load;
pub(crate) mod samples;
pub(crate) mod schedule;
