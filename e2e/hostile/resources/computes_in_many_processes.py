# Computes in several processes at once, none of which takes as much processor time as it may. All of them together do.
#
# images: ["python"]
# outcome: "cpu_exhausted"
# details: {"limit_name": "cpu_time_ms", "limit": 300}
# request: {"timeout_ms": 30000, "limits": {"cpu_time_ms": 300}}
import os
import time


def handler(inputs, context):
    for _ in range(3):
        if os.fork() == 0:
            while True:
                pass
    time.sleep(3600)
