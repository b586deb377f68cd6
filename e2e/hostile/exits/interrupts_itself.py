# Sends itself the signal of Ctrl-C. The language makes an error of it, which is the function's own.
#
# images: ["python"]
# outcome: "exception"
# details: {"class": "KeyboardInterrupt"}
import os
import signal
import time


def handler(inputs, context):
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(1)
    return "real"
