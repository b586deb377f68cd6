//! Everything that is tried, in one list.
//!
//! | | |
//! |---|---|
//! | [`kernel`] | what of the kernel hostile code would like to talk to |
//! | [`privileges`] | becoming more than one is |
//! | [`others`] | other processes, cyclone first |
//! | [`host`] | files and networks, with canaries where something could be found |
//! | [`keeping`] | leaving something for whoever comes next |

mod host;
mod keeping;
mod kernel;
mod others;
mod privileges;

use std::collections::BTreeSet;

use crate::canaries::Canaries;
use crate::program::Attempt;

/// Returns every attempt.
pub(crate) fn all(canaries: &Canaries) -> Vec<Attempt> {
    [
        kernel::attempts(),
        privileges::attempts(),
        others::attempts(canaries),
        host::attempts(canaries),
        keeping::attempts(),
    ]
    .concat()
}

/// Returns those that do no harm on the host.
pub(crate) fn harmless(canaries: &Canaries) -> Vec<Attempt> {
    let mut attempts = all(canaries);
    attempts.retain(|attempt| attempt.control);
    attempts
}

#[test]
fn there_are_more_than_two_hundred_attempts_and_each_has_a_name_of_its_own() {
    let attempts = all(&Canaries::none());
    let names: BTreeSet<_> = attempts.iter().map(|attempt| &attempt.name).collect();
    assert_eq!(names.len(), attempts.len());
    assert!(attempts.len() > 200, "{}", attempts.len());
}
