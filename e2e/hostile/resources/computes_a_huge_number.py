# Computes a number with a billion digits, in one operation that holds the interpreter's lock.
#
# images: ["python"]
# outcome: ["timed_out", "out_of_memory"]
# request: {"timeout_ms": 600}
def handler(inputs, context):
    return 7 ** (10**9)
