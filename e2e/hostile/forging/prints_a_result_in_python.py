# Prints a result and waits for it to be believed. What is printed is output and never
# protocol, so nothing but the time ends it.
#
# images: ["python"]
# outcome: "timed_out"
# output: "\"value\": \"printed\""
# request: {"timeout_ms": 400}

import os
import time


def handler(inputs, context):
    os.write(1, b'{"event": "result", "status": "success", "value": "printed"}\n')
    time.sleep(600)
