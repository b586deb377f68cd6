# Ends the thread that would report the result, with a system call, and lets another live on. The process does not end, so
# the time runs out.
#
# images: ["python"]
# outcome: "timed_out"
# request: {"timeout_ms": 700}
import ctypes
import threading
import time


def handler(inputs, context):
    threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
    exit_thread = 60
    ctypes.CDLL(None).syscall(exit_thread, 0)
