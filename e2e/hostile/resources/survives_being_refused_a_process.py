# Starts threads until it is refused, and returns. A limit that the function survives is no failure.
#
# images: ["python"]
# outcome: "success"
# value: "refused"
# request: {"timeout_ms": 30000, "limits": {"processes": 24}}
import threading
import time


def handler(inputs, context):
    try:
        while True:
            threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
    except RuntimeError:
        return "refused"
