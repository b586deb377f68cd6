# Prints without end and without a line's end on standard error, in bytes that are no UTF-8.
#
# images: ["python"]
# outcome: "timed_out"
# request: {"timeout_ms": 600, "limits": {"output_bytes": 1000}}
import os


def handler(inputs, context):
    while True:
        os.write(2, b"\xf0\x9f" * 30000)
