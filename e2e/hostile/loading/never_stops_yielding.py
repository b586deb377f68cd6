# Is a generator, which does nothing when it is called. What it would yield is not collected.
#
# images: ["python"]
# outcome: "invalid_result"
# details: {"path": "", "type": "object"}
def handler(inputs, context):
    while True:
        yield 1
