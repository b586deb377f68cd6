# Sends a part, as large values have on their way to the caller. Parts are made by the dispatcher alone.
#
# images: ["python"]
# outcome: "protocol_error"
import os


def handler(inputs, context):
    os.write(250, b'{"event":"part","index":0,"data":"forged"}\n')
    return "real"
