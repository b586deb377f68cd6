# Waits for a lock that it holds itself.
#
# images: ["python"]
# outcome: "timed_out"
# request: {"timeout_ms": 500}
import threading


def handler(inputs, context):
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()
