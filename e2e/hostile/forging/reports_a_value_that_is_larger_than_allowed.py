# Reports a value past the runner that is larger than the result may be. It is counted outside too.
#
# images: ["python"]
# outcome: "result_too_large"
# details: {"limit_name": "result_bytes", "limit": 1024}
# request: {"limits": {"result_bytes": 1024}}
import os


def handler(inputs, context):
    os.write(250, b'{"event":"result","status":"success","value":"' + b"x" * 2048 + b'"}\n')
    return "small"
