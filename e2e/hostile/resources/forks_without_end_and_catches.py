# Forks in every process, catches that it is refused, and tries again. It survives its limit until its time is up.
#
# images: ["python"]
# outcome: "timed_out"
# request: {"timeout_ms": 800, "limits": {"processes": 16}}
import os


def handler(inputs, context):
    while True:
        try:
            os.fork()
        except OSError:
            pass
