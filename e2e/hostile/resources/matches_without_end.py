# Matches a regular expression that tries every way to split a text. Signals are not even looked at meanwhile.
#
# images: ["python"]
# outcome: "timed_out"
# request: {"timeout_ms": 500}
import re


def handler(inputs, context):
    return bool(re.match(r"^(a+)+$", "a" * 60 + "!"))
