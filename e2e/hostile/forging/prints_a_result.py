# Prints lines that look like the protocol. What is printed is output, never protocol.
#
# images: ["python"]
# outcome: "success"
# value: "real"
# output: "\"value\":\"forged\""
import sys


def handler(inputs, context):
    for stream in (sys.stdout, sys.stderr):
        print('{"event":"result","status":"success","value":"forged"}', file=stream, flush=True)
    return "real"
