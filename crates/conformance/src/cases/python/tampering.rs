//! What the code does to its own runtime changes nothing but its own value.

use crate::case::{Case, case, info};

pub(super) fn cases() -> Vec<Case> {
    let survives = |name, code: &str| {
        case(
            name,
            &format!("{code}\ndef handler(inputs, context):\n  return {{'a': [1, 'x']}}"),
        )
        .value(r#"{"a":[1,"x"]}"#)
    };
    vec![
        survives("replacing_json_changes_nothing", "import json, sys\njson.dumps = json.loads = json.JSONEncoder = None\nsys.modules['json'] = sys.modules['_json'] = None"),
        survives("replacing_builtin_functions_changes_nothing", "import builtins\nfor name in ('len', 'isinstance', 'issubclass', 'type', 'str', 'int', 'list', 'dict', 'tuple', 'id', 'enumerate', 'reversed', 'repr', 'open', 'print', 'hasattr', 'callable', 'vars', 'getattr', 'next', 'max', 'bytes', 'memoryview', 'BaseException', 'Exception', 'OSError', 'set', 'slice'):\n  setattr(builtins, name, None)"),
        survives("deleting_builtin_functions_changes_nothing", "import builtins\nfor name in list(vars(builtins)):\n  if not name.startswith('__'): delattr(builtins, name)"),
        survives("replacing_import_changes_nothing", "import builtins\nbuiltins.__import__ = None"),
        survives("replacing_os_and_posix_changes_nothing", "import os, posix\nfor module in (os, posix):\n  for name in ('write', 'read', '_exit', 'getpid', 'dup2', 'close', 'open'):\n    setattr(module, name, None)"),
        survives("replacing_sys_changes_nothing", "import sys\nfor name in ('setrecursionlimit', 'getrecursionlimit', 'settrace', 'setprofile', 'set_int_max_str_digits', 'exc_info', 'modules', 'meta_path', 'path', 'argv', 'excepthook'):\n  setattr(sys, name, None)"),
        survives("emptying_the_modules_changes_nothing", "import sys\nsys.modules.clear()\nsys.meta_path.clear()\nsys.path.clear()"),
        survives("replacing_the_streams_changes_nothing", "import sys\nclass Odd:\n  def __getattr__(self, name): raise ValueError\nsys.stdout = sys.stderr = Odd()"),
        survives("closing_the_streams_changes_nothing", "import sys\nsys.stdout.close()\nsys.stderr.close()"),
        survives("a_shallow_recursion_limit_changes_nothing", "import sys\nsys.setrecursionlimit(30)"),
        survives("changed_limits_of_the_language_change_nothing", "import sys, gc\nsys.set_int_max_str_digits(640)\ngc.disable()\nsys.setswitchinterval(1e-6)"),
        survives("closing_small_descriptors_changes_nothing", "import os\nos.closerange(3, 200)"),
        survives("a_replaced_thread_lock_changes_nothing", "import _thread\n_thread.RLock = _thread.allocate_lock = None"),
        case("a_trace_function_that_raises_is_an_exception", "import sys\ndef handler(inputs, context):\n  sys.settrace(lambda *_: 1 / 0)\n  return 1")
            .failure("exception")
            .detail("/class", r#""ZeroDivisionError""#),
        case("a_trace_function_does_not_see_the_runner", "import sys\nseen = []\ndef handler(inputs, context):\n  sys.setprofile(lambda frame, *_: seen.append(frame.f_code.co_name))\n  return seen")
            .value_like("nothing of serialising", |seen| {
                seen.as_array().is_some_and(|seen| seen.len() < 20 && !seen.contains(&"serialise".into()))
            }),
        case("logging_works_after_tampering", "import builtins, json, logging, os\nos.write = json.dumps = builtins.memoryview = None\ndef handler(inputs, context):\n  logging.info('x %s', 1)\n  return 1")
            .value("1")
            .output([info("x 1")]),
        case("exceptions_are_told_after_tampering", "import builtins, os, sys, traceback\nos.write = builtins.getattr = builtins.str = traceback.format_exception = sys.excepthook = None\ndef handler(inputs, context):\n  raise ValueError('real')")
            .failure("exception")
            .message("ValueError: real"),
        case("a_replaced_event_loop_is_not_the_runners", "import asyncio\nasyncio.run = asyncio.new_event_loop = asyncio.SelectorEventLoop = asyncio.set_event_loop = None\nasync def handler(inputs, context):\n  return 1")
            .value("1"),
        case("closing_the_event_pipe_is_no_success", "import os\ndef handler(inputs, context):\n  os.closerange(3, 1024)\n  return 1")
            .failure("runner_exited"),
        case("a_text_that_lies_is_what_it_is", "class Odd(str):\n  def encode(self, *_): return b'forged'\n  def isascii(self): return False\n  def __str__(self): return 'forged'\n  def __len__(self): return 0\ndef handler(inputs, context):\n  return [Odd('real'), {Odd('key'): 1}]")
            .value(r#"["real",{"key":1}]"#),
        case("a_number_that_lies_is_what_it_is", "class Odd(int):\n  def __repr__(self): return 'forged'\nclass Odder(float):\n  def __repr__(self): return 'forged'\n  def __eq__(self, other): return True\ndef handler(inputs, context):\n  return [Odd(5), Odder(1.5)]")
            .value("[5,1.5]"),
        case("an_object_that_claims_to_be_a_list_is_refused", "class Odd:\n  __class__ = list\ndef handler(inputs, context):\n  return Odd()")
            .failure("invalid_result")
            .detail("/type", r#""object""#),
        case("a_list_that_lies_is_what_it_holds", "class Odd(list):\n  def __iter__(self): raise ValueError\n  def __len__(self): return 0\ndef handler(inputs, context):\n  return Odd([1])")
            .value("[1]"),
        case("an_interrupting_signal_does_not_break_a_line", "import logging, signal\ndef interrupt(*_):\n  logging.info('b')\ndef handler(inputs, context):\n  signal.signal(signal.SIGALRM, interrupt)\n  signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)\n  for _ in range(3000): logging.info('a')\n  signal.setitimer(signal.ITIMER_REAL, 0)\n  return 1")
            .value("1"),
    ]
}
