# Leaves a process that kills everything that it may but its own parent, again and again, for the next execution to be among it.
# That one is out of its sight.
#
# images: ["python"]
# outcome: "success"
# value: "alive"
# runs: 3
import os
import time


def handler(inputs, context):
    spared = {os.getpid(), 0}
    if os.fork() == 0:
        os.setsid()
        spared.add(os.getpid())
        while True:
            for process in set(range(1, 32768)) - spared:
                try:
                    os.kill(process, 9)
                except OSError:
                    pass
    time.sleep(0.01)
    return "alive"
