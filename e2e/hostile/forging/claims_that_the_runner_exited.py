# Reports an exit code of its own choosing. Cyclone tells how the runner ended, not the runner.
#
# images: ["python"]
# outcome: "protocol_error"
import os


def handler(inputs, context):
    failure = b'{"code":"runner_exited","message":"forged","details":{"exit_code":0}}'
    os.write(250, b'{"event":"result","status":"failure","failure":%b}\n' % failure)
    return "real"
