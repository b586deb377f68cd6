# Returns bytes, which JSON has no type for and which are not guessed to be text.
#
# images: ["python"]
# outcome: "invalid_result"
# details: {"path": "/a", "type": "bytes"}
def handler(inputs, context):
    return {"a": b"text"}
