# Has the interpreter execute bytes that no compiler made. It ends by a signal or with an error, and tells either.
#
# images: ["python"]
# outcome: ["runner_exited", "exception"]
def handler(inputs, context):
    def victim():
        pass

    victim.__code__ = victim.__code__.replace(co_code=bytes([131, 255] * 8 + [100, 255] * 8), co_stacksize=1)
    victim()
    raise RuntimeError("survived")
