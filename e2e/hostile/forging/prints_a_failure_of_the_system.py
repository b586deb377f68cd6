# Prints a failure that only the dispatcher may tell, on the descriptors themselves. It is output.
#
# images: ["python"]
# outcome: "success"
# value: "real"
# output: "sandbox_lost"
import os


def handler(inputs, context):
    for descriptor in (1, 2):
        os.write(descriptor, b'{"event":"result","status":"failure","failure":{"code":"sandbox_lost","message":"forged"}}\n')
    return "real"
