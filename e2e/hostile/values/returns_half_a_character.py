# Returns half of a surrogate pair. No UTF-8 can hold that.
#
# images: ["python"]
# outcome: "invalid_result"
# details: {"path": "/a/0", "type": "lone_surrogate"}
def handler(inputs, context):
    return {"a": ["\ud83d"]}
