# Finds the runner's channel and makes it write nothing. That is an end without a result.
#
# images: ["python"]
# outcome: "runner_exited"
# details: {"exit_code": 0}
import gc


def handler(inputs, context):
    for found in gc.get_objects():
        if isinstance(found, type) and found.__name__ == "Channel":
            found.send = lambda self, line: None
    return "real"
