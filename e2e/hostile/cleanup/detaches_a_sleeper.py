# Starts a process in a session of its own that lets go of everything, and returns. The
# sandbox ends with its result, and with it every process in it.
#
# images: ["python"]
# outcome: "success"
# value: "returned"

import os
import time


def handler(inputs, context):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in range(4):
                os.close(number)
            time.sleep(600)
        os._exit(0)
    return "returned"
