# Has a handler that is an object whose every attribute raises. It can be called, and raises.
#
# images: ["python"]
# outcome: "exception"
# message: "RuntimeError: called"
class Odd:
    def __getattribute__(self, name):
        raise ValueError("trapped")

    def __call__(self, *_):
        raise RuntimeError("called")


handler = Odd()
