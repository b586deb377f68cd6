# Returns a small value that shares its parts, so that its text would be larger than any memory.
#
# images: ["python"]
# outcome: "result_too_large"
# details: {"limit_name": "result_bytes", "limit": 65536}
# request: {"timeout_ms": 30000, "limits": {"result_bytes": 65536}}
def handler(inputs, context):
    value = "laughs"
    for _ in range(64):
        value = {"a": value, "b": value}
    return value
