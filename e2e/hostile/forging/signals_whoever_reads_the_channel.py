# Sends every signal there is to process 1, which decides what the result is. None reaches it: it has no handler for any.
#
# images: ["python"]
# outcome: "success"
# value: "real"
import os


def handler(inputs, context):
    for number in range(1, 65):
        try:
            os.kill(1, number)
        except OSError:
            pass
    return "real"
