# Asks for memory by the petabyte at once. The language has an error for that, and no limit was hit.
#
# images: ["python"]
# outcome: "exception"
# details: {"class": "MemoryError"}
def handler(inputs, context):
    return bytearray(1 << 50)
