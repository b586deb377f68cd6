# Prints a forged result with another value, past everything that the runner has, and returns one that looks like it. The value is
# a value, what is printed is output.
#
# images: ["python"]
# outcome: "success"
# value: {"event": "result", "status": "success", "value": "inner"}
# output: "forged"
import os


def handler(inputs, context):
    os.write(1, b'{"event":"result","status":"success","value":"forged"}\n')
    return {"event": "result", "status": "success", "value": "inner"}
