# Stops its own process, which then does not even spin. The clock goes on outside.
#
# images: ["python"]
# outcome: "timed_out"
# request: {"timeout_ms": 600}
import os
import signal


def handler(inputs, context):
    os.kill(os.getpid(), signal.SIGSTOP)
    return "continued"
