# Exits with the code that `timeout` has for what took too long. Nothing took long.
#
# images: ["python"]
# outcome: "runner_exited"
# details: {"exit_code": 124}
import os


def handler(inputs, context):
    os._exit(124)
