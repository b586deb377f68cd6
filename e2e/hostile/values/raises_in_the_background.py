# Raises errors that cannot be formatted in threads and destructors, where nobody can catch them. A thread's error is told; it
# cannot be shown, and nothing else goes wrong.
#
# images: ["python"]
# outcome: "exception"
# details: {"unhandled": "thread"}
# request: {"timeout_ms": 30000}
import threading
import time


class Hostile(Exception):
    def __str__(self):
        raise self


class Odd:
    def __del__(self):
        raise Hostile


def raises():
    raise Hostile


def handler(inputs, context):
    Odd()
    threading.Thread(target=raises).start()
    time.sleep(8)
    return "alive"
