# Takes the language's guard of the stack away and has it look through tuples that are nested half a million times.
#
# images: ["python"]
# outcome: "runner_exited"
# details: {"signal": 11}
import sys


def handler(inputs, context):
    sys.setrecursionlimit(1 << 30)
    nested = ()
    for _ in range(500_000):
        nested = (nested,)
    return isinstance(1, nested)
