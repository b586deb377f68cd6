# Prints more than it may and returns. Output that is cut is no failure.
#
# images: ["python"]
# outcome: "success"
# value: "done"
# no_output: "too late"
# request: {"limits": {"output_bytes": 1000}}
def handler(inputs, context):
    for _ in range(10000):
        print("x" * 100)
    print("too late")
    return "done"
