# Has a handler until it is loaded, and then none.
#
# images: ["python"]
# outcome: "invalid_handler"
# details: {"handler": "handler", "found": "undefined"}
def handler(inputs, context):
    return 1


del handler
