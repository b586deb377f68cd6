# Returns lists that are nested a hundred thousand levels deep.
#
# images: ["python"]
# outcome: "invalid_result"
# details: {"type": "too_deep"}
def handler(inputs, context):
    nested = []
    for _ in range(100_000):
        nested = [nested]
    return nested
