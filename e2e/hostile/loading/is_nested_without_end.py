# Compiles source that is nested far deeper than any parser follows. It gets an error and stays alive.
#
# images: ["python"]
# outcome: "success"
# value: [true, true, true]
def handler(inputs, context):
    seen = []
    for source in ("(" * 100_000 + ")" * 100_000, "-" * 100_000 + "1", "[" * 100_000):
        try:
            compile(source, "nested", "eval")
            seen.append(False)
        except (SyntaxError, MemoryError, RecursionError):
            seen.append(True)
    return seen
