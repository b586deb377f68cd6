# Returns a value that looks like a failed result. It is the value of a success.
#
# images: ["python"]
# outcome: "success"
# value: {"event": "result", "status": "failure", "failure": {"code": "internal", "origin": "system"}}
def handler(inputs, context):
    return {"event": "result", "status": "failure", "failure": {"code": "internal", "origin": "system"}}
