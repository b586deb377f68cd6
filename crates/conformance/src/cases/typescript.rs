//! Source in TypeScript, for runners that strip its types.

use crate::case::{Case, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case("types_are_stripped", "interface In { n: number }\ntype Out = number\nexport default (inputs: In): Out => inputs.n as Out")
            .inputs(r#"{"n":5}"#)
            .value("5"),
        case("generics_are_stripped", "function id<T>(x: T): T { return x }\nexport default () => id<string>('a')")
            .value(r#""a""#),
        case("lines_are_those_of_the_typescript", "interface A {\n  a: string\n}\nexport default (): never => {\n  throw new Error('x')\n}")
            .failure("exception")
            .detail_contains("/stack", "function.ts:5"),
        case("a_syntax_error_in_typescript_is_told", "const a: number = ;\nexport default () => a")
            .failure("syntax_error")
            .detail("/line", "1"),
    ]
    .into_iter()
    .map(Case::typescript)
    .collect()
}
