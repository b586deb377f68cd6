# Leaves daemons that hold the runner's pipes and crashes. The end of the runner is the end, not that of whoever holds a pipe.
#
# images: ["python"]
# outcome: "runner_exited"
# details: {"signal": 6}
# request: {"timeout_ms": 30000}
import os
import time


def handler(inputs, context):
    for _ in range(4):
        if os.fork() == 0:
            os.setsid()
            time.sleep(3600)
    os.abort()
