# Forks, so that two processes return from the handler and report. The child has no part in the protocol: its value counts
# for nothing.
#
# images: ["python"]
# outcome: "success"
# value: "parent"
import os
import time


def handler(inputs, context):
    if os.fork() == 0:
        return "child"
    time.sleep(0.2)
    return "parent"
