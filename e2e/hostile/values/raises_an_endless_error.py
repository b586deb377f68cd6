# Raises an error with a text of many megabytes, thousands of notes, and causes in a circle.
#
# images: ["python"]
# outcome: "exception"
# message: "xxxx"
def handler(inputs, context):
    first, second = ValueError("x" * (1 << 22)), KeyError("y" * (1 << 22))
    first.__cause__, second.__cause__ = second, first
    first.__notes__ = ["note" * 1000] * 10000
    raise first
