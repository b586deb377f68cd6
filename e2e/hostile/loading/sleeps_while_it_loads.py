# Sleeps at its top level for longer than it has. The time for loading is the function's own.
#
# images: ["python"]
# outcome: "timed_out"
# request: {"timeout_ms": 500}
import time

time.sleep(3600)
