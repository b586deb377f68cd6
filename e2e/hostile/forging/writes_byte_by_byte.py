# Writes its result one byte at a time, so that nobody reads a whole line at once. Lines are put together again.
#
# images: ["python"]
# outcome: "success"
# value: "é slow"
import os


def handler(inputs, context):
    for byte in '{"event":"result","status":"success","value":"é slow"}\n'.encode():
        os.write(250, bytes([byte]))
    return "fast"
