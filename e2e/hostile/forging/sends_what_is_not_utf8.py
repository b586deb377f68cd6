# Writes a result whose text is not UTF-8. Nobody repairs it on the way.
#
# images: ["python"]
# outcome: "protocol_error"
import os


def handler(inputs, context):
    os.write(250, b'{"event":"result","status":"success","value":"\xff\xfe"}\n')
    return "real"
