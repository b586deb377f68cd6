# Prints forged results on both standard streams from many threads until its time is up. They are output, beyond the limit
# they are dropped, and nothing stops the clock.
#
# images: ["python"]
# outcome: "timed_out"
# request: {"timeout_ms": 700, "limits": {"output_bytes": 2048}}
import os
import threading


def flood(descriptor):
    lines = b'{"event":"result","status":"success","value":"forged"}\n' * 100
    while True:
        os.write(descriptor, lines)


def handler(inputs, context):
    for descriptor in (1, 2):
        threading.Thread(target=flood, args=(descriptor,), daemon=True).start()
    flood(1)
