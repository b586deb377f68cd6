# Prints a forged result, past everything that the runner has, and leaves a file. Neither is there in the next execution.
#
# images: ["python"]
# outcome: "success"
# value: "clean"
# output: "forged"
# runs: 2
import os


def handler(inputs, context):
    os.write(1, b'{"event":"result","status":"success","value":"forged"}\n')
    value = "dirty" if os.path.exists("/tmp/mark") else "clean"
    os.mkdir("/tmp/mark")
    return value
