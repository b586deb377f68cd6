# Reads memory that is not there: the kernel ends it, and no core file is left.
#
# images: ["python"]
# outcome: "runner_exited"
# details: {"signal": 11}
import ctypes


def handler(inputs, context):
    return ctypes.string_at(0).decode()
