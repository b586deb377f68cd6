# Recurses without a limit in code that takes no native stack: each call takes memory until there is none.
#
# images: ["python"]
# outcome: "out_of_memory"
# request: {"timeout_ms": 30000, "limits": {"memory_bytes": 67108864, "cpu_time_ms": 20000}}
import sys


def descend():
    descend()


def handler(inputs, context):
    sys.setrecursionlimit((1 << 31) - 1)
    descend()
