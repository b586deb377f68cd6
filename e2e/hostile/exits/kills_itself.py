# Kills itself as the kernel does for want of memory. It was a signal and no limit.
#
# images: ["python"]
# outcome: "runner_exited"
# details: {"signal": 9}
import os


def handler(inputs, context):
    os.kill(os.getpid(), 9)
