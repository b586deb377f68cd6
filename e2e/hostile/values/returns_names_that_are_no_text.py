# Returns a dictionary whose names would be the same once they were texts. They are not made texts.
#
# images: ["python"]
# outcome: "invalid_result"
# details: {"type": "key"}
def handler(inputs, context):
    return {"1": "text", 1: "number"}
