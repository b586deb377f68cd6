# Forks in every process until it is refused. Being refused is an error that fails it, and the limit is the reason.
#
# images: ["python"]
# outcome: "too_many_processes"
# details: {"limit_name": "processes", "limit": 24}
# request: {"timeout_ms": 30000, "limits": {"processes": 24}}
import os
import time


def handler(inputs, context):
    while True:
        if os.fork() == 0:
            time.sleep(3600)
