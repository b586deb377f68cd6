//! What is told of code that does not compile, raises, or never ends.

use crate::case::{Case, case};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = sources();
    cases.extend(errors());
    cases.extend(unhandled());
    cases.extend(endings());
    cases
}

fn sources() -> Vec<Case> {
    vec![
        case(
            "a_syntax_error_has_its_position",
            "def handler(inputs, context):\n  return 1 +;\n",
        )
        .failure("syntax_error")
        .message("SyntaxError: ")
        .detail("/line", "2")
        .detail("/column", "13"),
        case(
            "the_position_of_a_syntax_error_counts_characters",
            "x = 'é😀' 1",
        )
        .failure("syntax_error")
        .detail("/line", "1"),
        case(
            "wrong_indentation_is_a_syntax_error",
            "def handler(inputs, context):\nreturn 1",
        )
        .failure("syntax_error")
        .message("IndentationError: ")
        .detail("/line", "2"),
        case(
            "a_null_character_in_the_source_is_a_syntax_error",
            "x = 1\0",
        )
        .failure("syntax_error"),
        case(
            "nesting_that_the_parser_cannot_follow_is_a_syntax_error",
            &format!("x = {}1{}", "(".repeat(5000), ")".repeat(5000)),
        )
        .failure("syntax_error"),
        case(
            "a_syntax_error_of_other_source_is_an_exception",
            "def handler(inputs, context):\n  eval('1 +')",
        )
        .failure("exception")
        .detail("/class", r#""SyntaxError""#)
        .detail_contains("/stack", "function.py\", line 2"),
    ]
}

fn errors() -> Vec<Case> {
    vec![
        case("an_error_has_class_message_and_line", "def handler(inputs, context):\n  x = 1\n  raise TypeError('boom')")
            .failure("exception")
            .message("TypeError: boom")
            .detail("/class", r#""TypeError""#)
            .detail("/message", r#""boom""#)
            .detail("/stack", r#""File \"function.py\", line 3, in handler""#)
            .no_detail("/cause")
            .no_detail("/unhandled"),
        case("the_stack_names_the_functions_called", "def inner():\n  raise ValueError('x')\ndef handler(inputs, context):\n  inner()")
            .failure("exception")
            .detail("/stack", r#""File \"function.py\", line 4, in handler\nFile \"function.py\", line 2, in inner""#),
        case("the_stack_shows_no_file_but_the_functions_own", "import json\ndef handler(inputs, context):\n  json.loads('{')")
            .failure("exception")
            .detail("/class", r#""JSONDecodeError""#)
            .detail("/stack", r#""File \"function.py\", line 3, in handler""#),
        case("an_error_of_an_own_class_has_its_name", "class Odd(Exception): pass\ndef handler(inputs, context):\n  raise Odd('x')")
            .failure("exception")
            .message("Odd: x")
            .detail("/class", r#""Odd""#),
        case("an_error_without_a_message_is_told_by_its_class", "def handler(inputs, context):\n  assert False")
            .failure("exception")
            .message("AssertionError")
            .detail("/message", r#""""#),
        case("the_cause_is_told", "def handler(inputs, context):\n  raise RuntimeError('outer') from ValueError('inner')")
            .failure("exception")
            .message("RuntimeError: outer")
            .detail("/cause/class", r#""ValueError""#)
            .detail("/cause/message", r#""inner""#),
        case("the_error_that_was_being_handled_is_a_cause", "def handler(inputs, context):\n  try:\n    {}['a']\n  except KeyError:\n    raise RuntimeError('outer')")
            .failure("exception")
            .detail("/cause/class", r#""KeyError""#)
            .detail_contains("/cause/stack", "line 3"),
        case("a_cause_that_was_taken_away_is_none", "def handler(inputs, context):\n  try:\n    {}['a']\n  except KeyError:\n    raise RuntimeError('outer') from None")
            .failure("exception")
            .no_detail("/cause"),
        case("causes_in_a_circle_end", "def handler(inputs, context):\n  a, b = ValueError('x'), ValueError('y')\n  a.__cause__, b.__cause__ = b, a\n  raise a")
            .failure("exception")
            .message("ValueError: x"),
        case("the_errors_of_a_group_are_told", "def handler(inputs, context):\n  raise ExceptionGroup('both', [ValueError('a'), KeyError('b')])")
            .failure("exception")
            .message("ExceptionGroup: both")
            .detail("/errors/0/class", r#""ValueError""#)
            .detail("/errors/1/class", r#""KeyError""#),
        case("notes_are_part_of_the_message", "def handler(inputs, context):\n  e = ValueError('x')\n  e.add_note('look here')\n  raise e")
            .failure("exception")
            .message("look here"),
        case("an_error_of_an_async_handler_is_an_exception", "async def handler(inputs, context):\n  raise ValueError('later')")
            .failure("exception")
            .message("ValueError: later")
            .detail("/stack", r#""File \"function.py\", line 2, in handler""#)
            .no_detail("/unhandled"),
        case("an_error_while_loading_is_an_exception", "x = None\nx.y\ndef handler(inputs, context): pass")
            .failure("exception")
            .message("AttributeError")
            .detail_contains("/stack", "function.py\", line 2"),
        case("an_interrupt_is_an_exception", "def handler(inputs, context):\n  raise KeyboardInterrupt")
            .failure("exception")
            .detail("/class", r#""KeyboardInterrupt""#),
        case("too_deep_a_recursion_is_an_exception", "def f():\n  f()\ndef handler(inputs, context):\n  f()")
            .failure("exception")
            .detail("/class", r#""RecursionError""#)
            .detail_contains("/stack", "line 4, in handler"),
        case("too_large_an_allocation_is_an_exception", "def handler(inputs, context):\n  return bytearray(1 << 60)")
            .failure("exception")
            .detail("/class", r#""MemoryError""#),
        case("an_error_that_cannot_say_what_it_is_is_an_exception", "class Odd(Exception):\n  def __str__(self):\n    raise self\ndef handler(inputs, context):\n  raise Odd")
            .failure("exception")
            .detail("/class", r#""Odd""#),
        case(
            "a_hostile_error_is_an_exception",
            "class Meta(type):\n  __name__ = property(lambda cls: 1 / 0)\nclass Odd(Exception, metaclass=Meta):\n  __class__ = __traceback__ = __cause__ = __context__ = __notes__ = property(lambda self: 1 / 0)\n  def __getattribute__(self, name):\n    raise ValueError\ndef handler(inputs, context):\n  raise Odd('x')",
        )
        .failure("exception")
        .detail("/class", r#""Odd""#)
        .detail_contains("/stack", "line 8, in handler"),
        case("a_very_long_message_is_cut", "def handler(inputs, context):\n  raise ValueError('x' * 10**6)")
            .failure("exception")
            .message("ValueError: xxx"),
        case("a_missing_module_is_told_by_name", "import left_pad\ndef handler(inputs, context): pass")
            .failure("exception")
            .message("left_pad"),
        case("modules_of_the_runner_are_not_to_be_had", "import serialise\ndef handler(inputs, context): pass")
            .failure("exception")
            .message("serialise"),
    ]
}

fn unhandled() -> Vec<Case> {
    vec![
        case(
            "an_error_in_a_thread_is_a_failure",
            "import threading\ndef work():\n  raise ValueError('lost')\ndef handler(inputs, context):\n  threading.Thread(target=work).start()\n  threading.Event().wait()",
        )
        .failure("exception")
        .message("ValueError: lost")
        .detail("/stack", r#""File \"function.py\", line 3, in work""#)
        .detail("/unhandled", r#""thread""#),
        case(
            "an_error_in_a_task_is_a_failure",
            "import asyncio\nasync def work():\n  raise ValueError('lost')\nasync def handler(inputs, context):\n  asyncio.create_task(work())\n  await asyncio.sleep(60)",
        )
        .failure("exception")
        .message("ValueError: lost")
        .detail("/unhandled", r#""task""#),
        case(
            "an_error_in_a_callback_is_a_failure",
            "import asyncio\ndef tick():\n  raise ValueError('tick')\nasync def handler(inputs, context):\n  asyncio.get_running_loop().call_later(0.001, tick)\n  await asyncio.sleep(60)",
        )
        .failure("exception")
        .message("ValueError: tick")
        .detail("/unhandled", r#""task""#),
        case(
            "an_error_of_a_task_that_is_handled_is_no_failure",
            "import asyncio\nasync def work():\n  raise ValueError('x')\nasync def handler(inputs, context):\n  task = asyncio.create_task(work())\n  try:\n    await task\n  except ValueError:\n    return 1",
        )
        .value("1"),
        case("a_thread_that_exits_is_no_failure", "import threading, sys\ndef handler(inputs, context):\n  t = threading.Thread(target=sys.exit)\n  t.start()\n  t.join()\n  return 1")
            .value("1"),
    ]
}

fn endings() -> Vec<Case> {
    vec![
        case("a_future_that_nothing_settles_ends_the_execution", "import asyncio\nasync def handler(inputs, context):\n  await asyncio.Event().wait()")
            .failure("exception")
            .message("never finished")
            .detail("/unhandled", r#""never_settled""#),
        case(
            "a_future_that_a_thread_settles_is_waited_for",
            "import asyncio, threading\nasync def handler(inputs, context):\n  loop, done = asyncio.get_running_loop(), asyncio.Event()\n  threading.Timer(0.05, lambda: loop.call_soon_threadsafe(done.set)).start()\n  await done.wait()\n  return 1",
        )
        .value("1"),
        case(
            "a_future_that_a_signal_settles_is_waited_for",
            "import asyncio, os, signal\nasync def handler(inputs, context):\n  done = asyncio.Event()\n  asyncio.get_running_loop().add_signal_handler(signal.SIGALRM, done.set)\n  signal.setitimer(signal.ITIMER_REAL, 0.05)\n  await done.wait()\n  return 1",
        )
        .value("1"),
        case("an_endless_loop_is_ended_without_a_result", "def handler(inputs, context):\n  while True: pass")
            .timeout_ms(300)
            .no_result(),
        case("an_endless_chain_of_awaits_is_ended_without_a_result", "import asyncio\nasync def handler(inputs, context):\n  while True: await asyncio.sleep(0)")
            .timeout_ms(300)
            .no_result(),
        case("a_sleep_that_is_too_long_is_ended_without_a_result", "import time\ndef handler(inputs, context):\n  time.sleep(60)")
            .timeout_ms(300)
            .no_result(),
        case("an_exit_is_told_with_its_code", "import sys\ndef handler(inputs, context):\n  sys.exit(3)")
            .failure("runner_exited")
            .detail("/exit_code", "3"),
        case("an_exit_of_an_async_handler_is_told_with_its_code", "import sys\nasync def handler(inputs, context):\n  sys.exit(4)")
            .failure("runner_exited")
            .detail("/exit_code", "4"),
        case("an_exit_while_loading_is_told_with_its_code", "raise SystemExit(5)")
            .failure("runner_exited")
            .detail("/exit_code", "5"),
        case("an_immediate_exit_is_told_with_its_code", "import os\ndef handler(inputs, context):\n  os._exit(6)")
            .failure("runner_exited")
            .detail("/exit_code", "6"),
        case("an_exit_with_code_zero_is_no_success", "def handler(inputs, context):\n  raise SystemExit")
            .failure("runner_exited")
            .detail("/exit_code", "0"),
        case("a_signal_that_ends_the_runner_is_told", "import os\ndef handler(inputs, context):\n  os.abort()")
            .failure("runner_exited")
            .detail("/signal", "6"),
    ]
}
