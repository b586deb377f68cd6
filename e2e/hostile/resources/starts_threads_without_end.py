# Starts threads until it is refused.
#
# images: ["python"]
# outcome: "too_many_processes"
# request: {"timeout_ms": 30000, "limits": {"processes": 24}}
import threading
import time


def handler(inputs, context):
    while True:
        threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
