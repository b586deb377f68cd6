# Returns a dictionary of its own class that never stops to say what is in it.
#
# images: ["python"]
# outcome: "result_too_large"
# request: {"timeout_ms": 30000, "limits": {"result_bytes": 65536}}
import itertools


class Endless(dict):
    def items(self):
        return ((f"{number}", number) for number in itertools.count())


def handler(inputs, context):
    return Endless()
