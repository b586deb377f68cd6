# Leaves a process that kills everything that it may, again and again, for the next execution to be among it. That one is out of
# its sight.
#
# images: ["python"]
# outcome: "success"
# value: "alive"
# runs: 3
import os
import time


def handler(inputs, context):
    if os.fork() == 0:
        os.setsid()
        time.sleep(0.05)
        while True:
            try:
                os.kill(-1, 9)
            except OSError:
                pass
    time.sleep(0.01)
    return "alive"
