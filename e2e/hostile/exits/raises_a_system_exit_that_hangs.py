# Leaves as a Python program does, with an exit handler and a thread that never end. The clock goes on.
#
# images: ["python"]
# outcome: "timed_out"
# request: {"timeout_ms": 700}
import atexit
import sys
import threading
import time


def handler(inputs, context):
    atexit.register(time.sleep, 3600)
    threading.Thread(target=time.sleep, args=(3600,)).start()
    sys.exit(0)
