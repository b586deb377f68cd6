# Returns infinity, out of a calculation that overflowed.
#
# images: ["python"]
# outcome: "invalid_result"
# details: {"path": "/0", "type": "infinity"}
def handler(inputs, context):
    return [1e308 * 10]
