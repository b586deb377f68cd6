# Has a handler that is a class. Its instance is what it returns, and no JSON.
#
# images: ["python"]
# outcome: "invalid_result"
# details: {"path": "", "type": "object"}
class handler:
    def __init__(self, inputs, context):
        pass
