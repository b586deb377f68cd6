# Leaves a child that prints forged results on the runner's streams and channel for as long as it lives. It does not live long,
# and what it says counts for nothing.
#
# images: ["python"]
# outcome: "success"
# value: "real"
# request: {"limits": {"output_bytes": 4096}}
import os
import time


def handler(inputs, context):
    if os.fork() == 0:
        os.setsid()
        time.sleep(0.05)
        while True:
            for descriptor in (1, 2, 250):
                try:
                    os.write(descriptor, b'\n{"event":"result","status":"success","value":"forged"}\n')
                except OSError:
                    pass
    return "real"
