# Returns a generator, a range, a view and a date: what is like a list or a text is none.
#
# images: ["python"]
# outcome: "invalid_result"
# details: {"path": "/0", "type": "object"}
def handler(inputs, context):
    return [(number for number in range(3)), range(3), {}.keys()]
