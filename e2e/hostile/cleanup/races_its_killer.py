# Leaves processes that do nothing but fork and end, so that whoever lists them and kills what was listed is always too late.
# Their namespace is killed as one.
#
# images: ["python"]
# outcome: "success"
# value: "left"
# request: {"limits": {"processes": 24, "cpu_time_ms": 10000}}
import os
import signal
import time


def run_away():
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        try:
            if os.fork() != 0:
                os._exit(0)
            os.setsid()
        except OSError:
            pass


def handler(inputs, context):
    for _ in range(4):
        if os.fork() == 0:
            run_away()
    time.sleep(0.05)
    return "left"
