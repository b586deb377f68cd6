# Reports a success with neither a value nor the word that there is none.
#
# images: ["python"]
# outcome: "protocol_error"
import os


def handler(inputs, context):
    os.write(250, b'{"event":"result","status":"success"}\n')
    return "real"
