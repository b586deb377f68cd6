# Replaces the runner's exit by something that goes on for ever. The result is complete without it, and the sandbox is killed.
#
# images: ["python"]
# outcome: "success"
# value: "real"
import sys
import time


def handler(inputs, context):
    frame = sys._getframe()
    while frame is not None:
        if "exit_process" in frame.f_globals:
            frame.f_globals["exit_process"] = lambda code: time.sleep(3600)
        frame = frame.f_back
    return "real"
