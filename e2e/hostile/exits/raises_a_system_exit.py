# Leaves as a Python program does, with words instead of a number.
#
# images: ["python"]
# outcome: "runner_exited"
# details: {"exit_code": 1}
# output: "last words"
import sys


def handler(inputs, context):
    sys.exit("last words")
