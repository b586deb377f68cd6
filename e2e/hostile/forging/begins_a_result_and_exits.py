# Writes a result without its line's end and leaves. A line that does not end is none: the runner exited without a result.
#
# images: ["python"]
# outcome: "runner_exited"
# details: {"exit_code": 0}
import os


def handler(inputs, context):
    os.write(250, b'{"event":"result","status":"success","value":"half"}')
    os._exit(0)
