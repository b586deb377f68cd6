# Writes a line that never ends, to use up the memory of whoever waits for its end. It is counted, not kept.
#
# images: ["python"]
# outcome: ["protocol_error","timed_out"]
# request: {"timeout_ms": 1500, "limits": {"result_bytes": 65536, "output_bytes": 1024}}
import os


def handler(inputs, context):
    while True:
        os.write(250, b"x" * 65536)
