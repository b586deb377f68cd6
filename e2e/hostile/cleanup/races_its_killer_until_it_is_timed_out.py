# Does the same while its time runs out: the result waits until all of it is gone.
#
# images: ["python"]
# outcome: "timed_out"
# request: {"timeout_ms": 500, "limits": {"processes": 24, "cpu_time_ms": 10000}}
import os
import signal


def handler(inputs, context):
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in range(4):
        try:
            if os.fork() == 0:
                break
        except OSError:
            pass
    while True:
        try:
            # Whoever was forked goes on; one of the first goes on too, as the runner.
            if os.fork() != 0 and os.getppid() != 1:
                os._exit(0)
        except OSError:
            pass
