# Has daemons that ignore everything when it is cancelled.
#
# images: ["python"]
# outcome: "cancelled"
# cancel: true
# request: {"timeout_ms": 30000}
import os
import signal
import time


def handler(inputs, context):
    for _ in range(8):
        if os.fork() == 0:
            os.setsid()
            break
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    time.sleep(3600)
