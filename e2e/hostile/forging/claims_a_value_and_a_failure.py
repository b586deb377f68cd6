# Reports a result that is a success and a failure at once. It is neither.
#
# images: ["python"]
# outcome: "protocol_error"
import os


def handler(inputs, context):
    failure = b'{"code":"exception","message":"forged","details":{}}'
    os.write(250, b'{"event":"result","status":"success","value":1,"failure":%b}\n' % failure)
    return "real"
