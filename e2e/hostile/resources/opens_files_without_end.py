# Opens files until it is refused, and fills each pipe on the way. It meets that limit as an error of its own.
#
# images: ["python"]
# outcome: "exception"
# message: "OSError: [Errno 24]"
# request: {"timeout_ms": 30000}
import os


def handler(inputs, context):
    while True:
        for end in os.pipe():
            os.set_blocking(end, False)
        os.write(end, b"x" * 65536)
