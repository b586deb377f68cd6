//! How a function is found, called and told about its execution.

use veritech_protocol::{Kind, Language};

use crate::case::{Case, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case("the_function_named_handler_is_called", "def handler(inputs, context):\n  return 1").value("1"),
        case("a_lambda_is_called", "handler = lambda inputs, context: 'x'").value(r#""x""#),
        case("an_async_handler_is_awaited", "async def handler(inputs, context):\n  return 2").value("2"),
        case("an_awaitable_is_awaited", "async def later():\n  return 3\ndef handler(inputs, context):\n  return later()").value("3"),
        case("an_instance_that_can_be_called_is", "class Handler:\n  def __call__(self, inputs, context):\n    return 4\nhandler = Handler()").value("4"),
        case("another_function_is_called_by_name", "def handler(inputs, context):\n  return 0\ndef other(inputs, context):\n  return 5")
            .handler("other")
            .value("5"),
        case("inputs_are_the_first_argument", "def handler(inputs, context):\n  return inputs['a'] + inputs['b']")
            .inputs(r#"{"a": 3, "b": 4}"#)
            .value("7"),
        case("inputs_may_be_any_json", "def handler(inputs, context):\n  return inputs")
            .inputs(r#"[null,true,"x",1.5,{"a":[]}]"#)
            .value(r#"[null,true,"x",1.5,{"a":[]}]"#),
        case("integers_of_any_size_are_inputs", "def handler(inputs, context):\n  return inputs + 1")
            .inputs(format!("1{}", "0".repeat(5000)))
            .value(format!("1{}1", "0".repeat(4999))),
        case("the_last_of_equal_members_counts", "def handler(inputs, context):\n  return inputs")
            .inputs(r#"{"a":1,"a":2}"#)
            .value(r#"{"a":2}"#),
        case("the_context_names_the_execution", "def handler(inputs, context):\n  return [context.id, context.kind]")
            .kind(Kind::Qualification)
            .value(r#"["conformance-1","qualification"]"#),
        case(
            "the_context_has_the_deadline",
            "import time\ndef handler(inputs, context):\n  now = time.time() * 1000\n  return now < context.deadline < now + 20000",
        )
        .value("true"),
        case(
            "the_context_is_frozen",
            "def handler(inputs, context):\n  refused = []\n  for change in (lambda: setattr(context, 'id', 'x'), lambda: setattr(context, 'new', 1), lambda: delattr(context, 'id')):\n    try:\n      change()\n    except AttributeError:\n      refused.append(True)\n  return [refused, context.id]",
        )
        .value(r#"[[true,true,true],"conformance-1"]"#),
        case("what_the_module_keeps_is_seen_by_its_functions", "n = 0\ndef bump():\n  global n\n  n += 1\n  return n\ndef handler(inputs, context):\n  bump()\n  return bump()").value("2"),
        case("the_module_is_not_the_main_one", "main = __name__ == '__main__'\ndef handler(inputs, context):\n  return [main, __name__]")
            .value(r#"[false,"function"]"#),
        case("a_missing_handler_is_told", "import os\ndef one(): pass\ntwo = 2\n_hidden = 3")
            .failure("invalid_handler")
            .detail("/handler", r#""handler""#)
            .detail("/found", r#""undefined""#)
            .detail("/exports", r#"["one","two"]"#),
        case("a_missing_named_function_is_told", "def handler(inputs, context): pass")
            .handler("nope")
            .failure("invalid_handler")
            .message("nope")
            .detail("/handler", r#""nope""#)
            .detail("/exports", r#"["handler"]"#),
        case("a_handler_that_cannot_be_called_is_told", "handler = 42")
            .failure("invalid_handler")
            .detail("/found", r#""int""#),
        case("a_handler_is_looked_up_and_never_evaluated", "def handler(inputs, context): pass")
            .handler("print")
            .failure("invalid_handler"),
        case("what_every_module_has_is_no_handler", "def handler(inputs, context): pass")
            .handler("__loader__")
            .failure("invalid_handler"),
        case("an_empty_module_has_no_handler", "").failure("invalid_handler"),
        case("a_handler_that_takes_one_argument_is_an_exception", "def handler(inputs):\n  return 1")
            .failure("exception")
            .message("takes 1 positional argument"),
        case("env_is_set_before_the_code_loads", "import os\ngreeting = os.environ['GREETING']\ndef handler(inputs, context):\n  return [greeting, os.getenv('GREETING')]")
            .env("GREETING", "hé llo")
            .value(r#"["hé llo","hé llo"]"#),
        case("there_are_no_variables_but_those_of_env", "import os\ndef handler(inputs, context):\n  return dict(os.environ)")
            .env("GREETING", "hello")
            .value(r#"{"GREETING":"hello"}"#),
        case("a_time_zone_in_env_has_effect", "import time\ndef handler(inputs, context):\n  return time.localtime(0).tm_hour")
            .env("TZ", "UTC-5")
            .value("5"),
        Case {
            language: Some(Language::TypeScript),
            ..case("another_language_is_refused", "export default () => 1")
        }
        .failure("exception")
        .message("typescript"),
        Case {
            language: Some(Language::Python),
            ..case("its_own_language_is_taken", "def handler(inputs, context):\n  return 1")
        }
        .value("1"),
    ]
}
