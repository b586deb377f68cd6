# Raises what is no ordinary error: the end of a generator, below every class that is usually caught.
#
# images: ["python"]
# outcome: "exception"
# details: {"class": "Forged"}
class Forged(GeneratorExit):
    __module__ = "builtins"
    __qualname__ = "SystemExit"


def handler(inputs, context):
    raise Forged("x")
