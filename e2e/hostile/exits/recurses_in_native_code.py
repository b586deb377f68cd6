# Has the interpreter's own native functions recurse through structures that are nested a hundred thousand times. They raise
# errors or cope, and the process stays alive.
#
# images: ["python"]
# outcome: "success"
# value: "survived"
# request: {"timeout_ms": 30000}
import copy
import functools
import itertools
import json
import marshal
import pickle
import re


def nested(wrap, levels=100_000):
    value = wrap(1)
    for _ in range(levels):
        value = wrap(value)
    return value


ATTEMPTS = (
    lambda: repr(nested(lambda inner: [inner])),
    lambda: hash(nested(lambda inner: (inner,))),
    lambda: nested(lambda inner: [inner]) == nested(lambda inner: [inner]),
    lambda: isinstance(1, nested(lambda inner: (inner,))),
    lambda: json.dumps(nested(lambda inner: [inner])),
    lambda: json.loads("[" * 100_000),
    lambda: pickle.dumps(nested(lambda inner: [inner])),
    lambda: marshal.dumps(nested(lambda inner: [inner])),
    lambda: copy.deepcopy(nested(lambda inner: [inner])),
    lambda: list(nested(lambda inner: iter(inner) if inner != 1 else iter([1]), 1000)),
    lambda: list(nested(lambda inner: itertools.chain(inner if inner != 1 else [1]), 20_000)),
    lambda: re.compile("(" * 10_000 + ")" * 10_000),
    lambda: nested(lambda inner: functools.partial(inner if callable(inner) else int))(),
    lambda: eval("lambda: " * 10_000 + "1"),
)


def handler(inputs, context):
    for attempt in ATTEMPTS:
        try:
            attempt()
        except (RecursionError, ValueError, MemoryError, SyntaxError, OverflowError, re.error, TypeError):
            pass
    return "survived"
