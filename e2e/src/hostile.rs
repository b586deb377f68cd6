//! Functions that mean harm, as files, and what each must come to.
//!
//! A file below `e2e/hostile/<group>/` is one function, sent exactly as it is. It
//! begins with comments: prose that says what it tries, an empty comment, and what
//! is expected of it, a member in each line:
//!
//! ```text
//! // Ends its process with a code that looks like success.
//! //
//! // images: ["node", "deno"]
//! // outcome: "runner_exited"
//! // details: {"exit_code": 0}
//!
//! export default () => process.exit(0);
//! ```
//!
//! ```text
//!  files ──read──▶ Function ──cases──▶ Case ──Callers──▶ Answer ──judge──▶ Differences
//!                  (header)         one runtime    over NATS, or `veritech run`
//! ```
//!
//! Reading, what is expected and the judgement are pure; [`Suite`] and [`local`] start things.

mod case;
mod census;
mod function;
mod header;
mod innocent;
mod judge;
pub mod local;
mod measure;
mod suite;

pub use self::case::{Case, Expectation, Runtime};
pub use self::census::Census;
pub use self::function::{Function, GROUPS, read_all};
pub use self::innocent::Innocents;
pub use self::judge::{Answer, Difference, judge};
pub use self::measure::{Spread, Tally};
pub use self::suite::{CANARY_VARIABLE, Options, Report, Suite, Wrong};
