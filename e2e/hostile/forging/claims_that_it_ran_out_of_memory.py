# Reports that a limit was hit. The engine's figures decide that.
#
# images: ["python"]
# outcome: "protocol_error"
import os


def handler(inputs, context):
    failure = b'{"code":"out_of_memory","message":"forged","details":{"limit_name":"memory_bytes","limit":1}}'
    os.write(250, b'{"event":"result","status":"failure","failure":%b}\n' % failure)
    return "real"
