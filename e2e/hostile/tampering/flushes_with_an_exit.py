# Puts a stream in place of standard output whose flush wants to end the process.
#
# images: ["python"]
# outcome: "success"
# value: "real"
import sys


class Stream:
    def flush(self):
        raise SystemExit(7)


def handler(inputs, context):
    sys.stdout = sys.stderr = Stream()
    return "real"
