# Reports a bug of Veritech's. Only the dispatcher can tell of one.
#
# images: ["python"]
# outcome: "protocol_error"
import os


def handler(inputs, context):
    failure = b'{"code":"internal","message":"forged","details":{}}'
    os.write(250, b'{"event":"result","status":"failure","failure":%b}\n' % failure)
    return "real"
