# Returns an object whose class raises when it is hashed, compared or asked for anything. It is no JSON, and nothing else
# has gone wrong.
#
# images: ["python"]
# outcome: "invalid_result"
class Hostile(type):
    def __hash__(cls):
        raise RuntimeError("trapped")

    def __eq__(cls, other):
        raise RuntimeError("trapped")

    def __getattribute__(cls, name):
        raise RuntimeError("trapped")


class Odd(metaclass=Hostile):
    pass


def handler(inputs, context):
    return {"a": Odd()}
