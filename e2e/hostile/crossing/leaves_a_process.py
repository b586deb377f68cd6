# Leaves a process and looks for that of the execution before: in the list of processes, and by the numbers that they get, which
# would go on if they were counted together.
#
# images: ["python"]
# outcome: "success"
# value: {"others": [], "small": true}
# runs: 3
import os
import time


def handler(inputs, context):
    seen = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    for _ in range(10):
        if os.fork() == 0:
            os.setsid()
            time.sleep(3600)
    return {"others": [process for process in seen if process not in (1, os.getpid())], "small": os.getpid() < 64}
