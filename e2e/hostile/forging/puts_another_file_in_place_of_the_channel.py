# Puts /dev/null in place of the runner's channel, so that the result vanishes without an error. It is an end without a
# result.
#
# images: ["python"]
# outcome: "runner_exited"
# details: {"exit_code": 0}
import os


def handler(inputs, context):
    os.dup2(os.open("/dev/null", os.O_WRONLY), 250)
    return "real"
