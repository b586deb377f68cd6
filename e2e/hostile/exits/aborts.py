# Aborts.
#
# images: ["python"]
# outcome: "runner_exited"
# details: {"signal": 6}
import os


def handler(inputs, context):
    os.abort()
