//! What `logging` puts out, with which level, and what is printed.

use veritech_protocol::{Level, Stream};

use crate::case::{Case, case, info};

pub(super) fn cases() -> Vec<Case> {
    let logs = |name, call: &str, stream, level, message| {
        case(
            name,
            &format!("import logging\ndef handler(inputs, context):\n  {call}"),
        )
        .unset()
        .output([(stream, Some(level), message)])
    };
    vec![
        logs("a_debug_record_is_debug", "logging.debug('x')", Stream::Stdout, Level::Debug, "x"),
        logs("an_info_record_is_info", "logging.info('x')", Stream::Stdout, Level::Info, "x"),
        logs("a_warning_is_warn", "logging.warning('x')", Stream::Stderr, Level::Warn, "x"),
        logs("an_error_record_is_error", "logging.error('x')", Stream::Stderr, Level::Error, "x"),
        logs("a_critical_record_is_error", "logging.critical('x')", Stream::Stderr, Level::Error, "x"),
        logs("a_level_in_between_counts_as_the_lower_one", "logging.log(25, 'x')", Stream::Stdout, Level::Info, "x"),
        logs("a_named_logger_is_heard", "logging.getLogger('a.b').info('x')", Stream::Stdout, Level::Info, "x"),
        logs("placeholders_are_filled", "logging.info('%s is %d', 'a', 1)", Stream::Stdout, Level::Info, "a is 1"),
        logs("a_message_of_several_lines_is_one", "logging.info('a\\nb')", Stream::Stdout, Level::Info, "a\nb"),
        logs("basic_configuration_changes_nothing", "logging.basicConfig(format='odd'); logging.info('x')", Stream::Stdout, Level::Info, "x"),
        case("a_record_of_an_error_has_its_traceback", "import logging\ndef handler(inputs, context):\n  try:\n    1 / 0\n  except ZeroDivisionError:\n    logging.exception('bad')\n  return 1")
            .value("1")
            .output_between(80, 400),
        case("output_while_loading_is_passed_on", "import logging\nlogging.info('loading')\ndef handler(inputs, context):\n  return 1")
            .value("1")
            .output([info("loading")]),
        case("an_error_record_fails_nothing", "import logging\ndef handler(inputs, context):\n  logging.error('bad')\n  return 1").value("1"),
        case("records_of_threads_are_passed_on", "import logging, threading\ndef handler(inputs, context):\n  t = threading.Thread(target=logging.info, args=('x',))\n  t.start()\n  t.join()")
            .unset()
            .output([info("x")]),
        case("an_event_loop_says_nothing_of_itself", "import asyncio, logging\nasync def handler(inputs, context):\n  await asyncio.sleep(0)\n  logging.info('x')")
            .unset()
            .output([info("x")]),
        case("a_record_that_cannot_be_formatted_breaks_nothing", "import logging\ndef handler(inputs, context):\n  logging.info('%d', 'x')\n  return 1").value("1"),
        case("what_is_printed_is_raw_output", "import sys\ndef handler(inputs, context):\n  print('a')\n  print('b', file=sys.stderr)\n  sys.stdout.write('c')")
            .unset()
            .output([(Stream::Stdout, None, "a"), (Stream::Stderr, None, "b"), (Stream::Stdout, None, "c")]),
        case("a_line_is_printed_at_once", "import os\ndef handler(inputs, context):\n  print('a')\n  os.abort()")
            .failure("runner_exited")
            .output([(Stream::Stdout, None, "a")]),
        case("what_child_processes_print_is_raw_output", "import subprocess, sys\ndef handler(inputs, context):\n  subprocess.run([sys.executable, '-ISc', 'print(\"a\")'], check=True)")
            .unset()
            .output([(Stream::Stdout, None, "a")]),
    ]
}
