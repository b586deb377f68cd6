//! How a function is found, called and told about its execution.

use veritech_protocol::Kind;

use crate::case::{Case, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case("the_default_export_is_called", "export default function () { return 1 }").value("1"),
        case("an_arrow_function_is_called", "export default () => 'x'").value(r#""x""#),
        case("an_async_handler_is_awaited", "export default async () => { await null; return 2 }").value("2"),
        case("a_thenable_is_awaited", "export default () => ({ then(done) { done(3) } })").value("3"),
        case("a_named_export_is_called", "export default () => 0\nexport const other = () => 4")
            .handler("other")
            .value("4"),
        case("the_last_of_several_exports_counts_by_its_name", "function f() { return 5 }\nexport { f as renamed }")
            .handler("renamed")
            .value("5"),
        case("top_level_await_works", "const six = await Promise.resolve(6)\nexport default () => six").value("6"),
        case("inputs_are_the_first_argument", "export default ({ a, b }) => a + b")
            .inputs(r#"{"a": 3, "b": 4}"#)
            .value("7"),
        case("inputs_may_be_any_json", "export default (inputs) => inputs")
            .inputs(r#"[null,true,"x",1.5,{"a":[]}]"#)
            .value(r#"[null,true,"x",1.5,{"a":[]}]"#),
        case("a_member_named_proto_is_an_ordinary_input", "export default (inputs) => [Object.keys(inputs), inputs.polluted === undefined]")
            .inputs(r#"{"__proto__":{"polluted":1}}"#)
            .value(r#"[["__proto__"],true]"#),
        case("the_context_names_the_execution", "export default (_, context) => [context.id, context.kind]")
            .kind(Kind::Qualification)
            .value(r#"["conformance-1","qualification"]"#),
        case(
            "the_context_has_the_deadline",
            "export default (_, { deadline }) => deadline > Date.now() && deadline < Date.now() + 20000",
        )
        .value("true"),
        case(
            "the_context_is_frozen",
            "export default (_, context) => [Object.isFrozen(context), Object.keys(context).sort()]",
        )
        .value(r#"[true,["deadline","id","kind"]]"#),
        case(
            "modules_are_strict",
            "export default function () { return this === undefined }",
        )
        .value("true"),
        case("a_class_instance_method_keeps_its_closure", "let n = 0\nconst bump = () => ++n\nexport default () => { bump(); return bump() }")
            .value("2"),
        case("a_missing_default_export_is_told", "export const one = 1\nexport const two = 2")
            .failure("invalid_handler")
            .detail("/handler", r#""default""#)
            .detail("/found", r#""undefined""#)
            .detail("/exports", r#"["one","two"]"#),
        case("a_missing_named_export_is_told", "export default () => 1")
            .handler("nope")
            .failure("invalid_handler")
            .message("nope")
            .detail("/handler", r#""nope""#)
            .detail("/exports", r#"["default"]"#),
        case("an_export_that_is_no_function_is_told", "export default 42")
            .failure("invalid_handler")
            .detail("/found", r#""number""#),
        case("a_handler_is_looked_up_and_never_evaluated", "export default () => 1")
            .handler("constructor")
            .failure("invalid_handler"),
        case("an_empty_module_has_no_handler", "").failure("invalid_handler"),
        case("env_is_set_before_the_code_loads", "const greeting = globalThis.process?.env.GREETING ?? globalThis.Deno?.env.get('GREETING')\nexport default () => greeting")
            .env("GREETING", "hé llo")
            .value(r#""hé llo""#),
    ]
}
