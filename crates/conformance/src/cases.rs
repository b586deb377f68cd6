//! The cases, by what they are about.

mod console;
mod failures;
mod handlers;
mod host;
mod limits;
mod python;
mod results;
mod tampering;
mod text;
mod typescript;

use crate::case::{Case, SourceLanguage};

/// Returns every case whose function is written in `language`.
pub fn all(language: SourceLanguage) -> Vec<Case> {
    match language {
        SourceLanguage::JavaScript => [
            handlers::cases(),
            results::cases(),
            failures::cases(),
            console::cases(),
            text::cases(),
            host::cases(),
            tampering::cases(),
            limits::cases(),
            typescript::cases(),
        ]
        .concat(),
        SourceLanguage::Python => python::cases(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn there_are_at_least_sixty_and_each_has_a_name_of_its_own() {
        for language in [SourceLanguage::JavaScript, SourceLanguage::Python] {
            let cases = all(language);
            let names: BTreeSet<_> = cases.iter().map(|case| case.name).collect();

            assert_eq!(names.len(), cases.len(), "{language:?}");
            assert!(cases.len() >= 60, "only {} in {language:?}", cases.len());
        }
    }
}
