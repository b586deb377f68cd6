# Tries to move its own deadline, past what guards the context too. The context is a copy that nobody looks at again.
#
# images: ["python"]
# outcome: "timed_out"
# request: {"timeout_ms": 600}
def handler(inputs, context):
    try:
        context.deadline = 1e300
    except AttributeError:
        object.__setattr__(context, "deadline", 1e300)
    type(context).__slots__ = ()
    while True:
        pass
