# Replaces its process by another program, which ends well and has reported nothing. The channel is closed on the way.
#
# images: ["python"]
# outcome: "runner_exited"
# details: {"exit_code": 0}
import os
import sys


def handler(inputs, context):
    os.execv(sys.executable, [sys.executable, "-I", "-S", "-c", "pass"])
