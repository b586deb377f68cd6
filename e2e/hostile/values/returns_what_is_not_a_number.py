# Returns what is not a number, as a float of a class that says it is one.
#
# images: ["python"]
# outcome: "invalid_result"
# details: {"path": "/a", "type": "nan"}
class Number(float):
    def __repr__(self):
        return "1"

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False


def handler(inputs, context):
    return {"a": Number("nan")}
