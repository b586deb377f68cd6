# Kills every process that it may. That is none: process 1 is out of reach and nobody else is there.
#
# images: ["python"]
# outcome: "success"
# value: "alive"
import os


def handler(inputs, context):
    try:
        os.kill(-1, 9)
    except ProcessLookupError:
        pass
    return "alive"
