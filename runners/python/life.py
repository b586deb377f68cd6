"""The life of a runner.

    load ─▶ warm up ─▶ "ready" ─▶ read a line ─▶ evaluate ─▶ call ─▶ serialise ─▶ result ─▶ exit

The execution comes as one JSON line on stdin; readiness, logging and the result go out as JSON lines on descriptor 3. Whatever
comes first decides the result: the handler's end, an error that a thread or a task left to nobody, or an event loop that has
nothing left to wait for.
"""

import os
import posix
import sys
import time

from own_arrivals import prepare_on_arrival
from own_channel import Channel
from own_evaluate import Context, InvalidHandler, InvalidSource, evaluate, find_handler
from own_failure import exception, invalid_handler, invalid_result, result_too_large, syntax_error, unsupported_language
from own_request import read_execution
from own_serialise import Excess, Refusal, serialise
from own_text import Source
from _signal import SIG_BLOCK, pthread_sigmask, valid_signals

# How much larger than its limit a value may get before it is no longer measured.
MEASURED = 2

# How much deeper than its code the runner may go, whatever limit that code has chosen.
ROOM = 1000
# What the language itself starts with.
INTEGER_DIGITS = sys.get_int_max_str_digits()

exit_process = posix._exit
block_signals = pthread_sigmask
every_signal = valid_signals()
get_recursion_limit = sys.getrecursionlimit
set_recursion_limit = sys.setrecursionlimit
set_integer_digits = sys.set_int_max_str_digits
traced = ((sys.gettrace, sys.settrace), (sys.getprofile, sys.setprofile))
standard_streams = (sys.stdout, sys.stderr)

UNSET = b'"status":"success","unset":true'


class Runner:
    """Runs one execution."""

    def __init__(self):
        self.channel = Channel()

    def fail(self, failure):
        """Ends the execution with a failure."""
        self.finish(b'"status":"failure","failure":' + failure)

    def fail_unhandled(self, error, how):
        """Ends the execution because of an error that nobody handled."""
        take_back()
        self.fail(exception(error, how))

    def finish(self, members):
        """Reports the result and leaves at once: threads, exit handlers and tasks that are left do not count."""
        self.channel.mute()
        flush()
        block_signals(SIG_BLOCK, every_signal)
        self.channel.result(members)
        exit_process(0)

    def run(self, execution):
        """Runs an execution to its result, whatever a signal handler of the code's own raises meanwhile."""
        try:
            self.attempt(execution)
        except SystemExit:
            # The code wants to end the process as a program does: by way of the interpreter's own end.
            raise
        except BaseException as error:
            try:
                block_signals(SIG_BLOCK, every_signal)
            except BaseException:
                # From a signal that had come before; the mask is set first.
                pass
            take_back()
            self.fail(exception(error, None))

    def attempt(self, execution):
        """Runs an execution to its result, unless a signal handler raises while that is made."""
        self.channel.limit_output(execution["output_bytes"])
        try:
            value = self.call(execution)
            take_back()
        except InvalidSource as error:
            return self.fail(syntax_error(error))
        except InvalidHandler as error:
            return self.fail(invalid_handler(error))
        except SystemExit:
            raise
        except BaseException as error:
            take_back()
            return self.fail(exception(error, None))
        try:
            members = value_members(value, execution["result_bytes"])
        except BaseException as error:
            return self.fail(exception(error, None))
        return self.finish(members)

    def call(self, execution):
        """Evaluates the code, calls its handler and returns what that comes to."""
        language, env = execution.get("language"), execution.get("env", {})
        if language not in (None, "python"):
            return self.fail(unsupported_language(language))
        for name, value in env.items():
            os.environ[name] = value
        if "TZ" in env:
            time.tzset()
        code = execution["code"]
        # Taken before the code can replace it. Source that does not have the word rarely needs it.
        settle = load_loop() if "async" in code else None
        module = evaluate(code)
        handler = find_handler(module, execution.get("handler") or "handler")
        context = Context(execution["id"], execution["kind"], execution["deadline"])
        value = handler(execution["inputs"], context)
        if hasattr(type(value), "__await__"):
            value = (settle or load_loop())(value, self.fail, self.fail_unhandled)
        return value


def load_loop():
    """Returns what settles an awaitable: loading `asyncio` takes longer than everything else here."""
    from own_loop import settle

    return settle


def take_back():
    """Undoes what the code may have chosen for its own execution and the runner's would suffer from."""
    for get, set_to in traced:
        try:
            if get() is not None:
                set_to(None)
        except BaseException:
            # An audit hook of the code's own refuses it: the runner is traced, then.
            continue
    set_recursion_limit(get_recursion_limit() + ROOM)
    set_integer_digits(0)


def flush():
    """Passes on what was printed and is still held back."""
    for stream in (*standard_streams, vars(sys).get("stdout"), vars(sys).get("stderr")):
        try:
            stream.flush()
        except BaseException:
            # Closed, replaced, or without a reader: nothing is printed then.
            continue


def value_members(value, limit):
    """Returns the result that the handler's value makes."""
    if value is None:
        return UNSET
    try:
        text = serialise(value, limit * MEASURED)
    except Refusal as refusal:
        return b'"status":"failure","failure":' + invalid_result(refusal)
    except Excess as excess:
        return b'"status":"failure","failure":' + result_too_large(limit, excess.length, exact=False)
    if len(text) > limit:
        return b'"status":"failure","failure":' + result_too_large(limit, len(text), exact=True)
    return b'"status":"success","value":' + text


def warm_up():
    """Runs the whole path once, so that what it needs of the language is there."""
    module = evaluate("def handler(inputs, context):\n    return {'list': [inputs, 1.5, None]}\n")
    value_members(find_handler(module, "handler")("a", None), 1024)


def start():
    """Waits for the execution and runs it, once the language is warm."""
    # The language's own doing where no locale is set.
    os.environ.pop("LC_CTYPE", None)
    warm_up()
    runner = Runner()
    for stream in standard_streams:
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    prepare_on_arrival(runner.channel.output, runner.fail_unhandled)
    runner.channel.ready()
    set_integer_digits(0)
    execution = read_execution()
    set_integer_digits(INTEGER_DIGITS)
    sys.argv[:] = [Source.FILE]
    runner.run(execution)
