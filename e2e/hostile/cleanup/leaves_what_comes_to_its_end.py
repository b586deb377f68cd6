# Leaves functions that are to be called at the end of the interpreter, of objects and of forks. Nobody calls them.
#
# images: ["python"]
# outcome: "success"
# value: "left"
# no_output: "after"
# request: {"timeout_ms": 30000}
import atexit
import os
import threading
import time
import weakref


def after(*_):
    print("after", flush=True)
    time.sleep(3600)


class Odd:
    __del__ = after


def handler(inputs, context):
    global kept
    kept = Odd()
    atexit.register(after)
    os.register_at_fork(before=after)
    threading._register_atexit(after)
    weakref.finalize(kept, after)
    return "left"
