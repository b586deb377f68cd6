# Reads on where the execution came from, to find another one. There is only one, and the pipe has ended or stays silent.
#
# images: ["python"]
# outcome: "success"
# value: 0
import os
import select


def handler(inputs, context):
    found = b""
    while select.select([0], [], [], 0.1)[0]:
        chunk = os.read(0, 65536)
        if not chunk:
            break
        found += chunk
    return len(found)
