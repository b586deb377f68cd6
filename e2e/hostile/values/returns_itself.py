# Returns a list that is in a dictionary that is in the list.
#
# images: ["python"]
# outcome: "invalid_result"
# details: {"path": "/0/a", "type": "cycle"}
def handler(inputs, context):
    value = []
    value.append({"a": value})
    return value
