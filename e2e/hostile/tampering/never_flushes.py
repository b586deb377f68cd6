# Puts a stream in place of standard output whose flush never returns. The clock goes on outside.
#
# images: ["python"]
# outcome: "timed_out"
# request: {"timeout_ms": 600}
import sys


class Stream:
    def flush(self):
        while True:
            pass


def handler(inputs, context):
    sys.stdout = Stream()
    return "real"
