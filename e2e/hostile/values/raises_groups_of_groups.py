# Raises a group of errors that is nested a thousand deep and a thousand wide.
#
# images: ["python"]
# outcome: "exception"
# details: {"class": "ExceptionGroup"}
def handler(inputs, context):
    error = ValueError("x" * 1000)
    for _ in range(1000):
        error = ExceptionGroup("x" * 1000, [error] * 1000)
    raise error
