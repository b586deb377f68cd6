# Is asked for a handler that every module has, and that could import anything. What was not defined is not called.
#
# images: ["python"]
# outcome: "invalid_handler"
# details: {"handler": "__builtins__", "found": "undefined"}
# request: {"handler": "__builtins__"}
def handler(inputs, context):
    return 1
