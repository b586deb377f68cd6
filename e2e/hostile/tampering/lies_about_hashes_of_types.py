# Returns an object whose class claims to be equal to every type and hashes like an integer, so that tables by type give the
# wrong answer. It is no JSON.
#
# images: ["python"]
# outcome: "invalid_result"
class Lying(type):
    def __hash__(cls):
        return hash(int)

    def __eq__(cls, other):
        return True

    def __instancecheck__(cls, instance):
        return True

    def __subclasscheck__(cls, other):
        return True


class Odd(metaclass=Lying):
    pass


def handler(inputs, context):
    return [Odd()]
