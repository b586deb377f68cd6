# Raises an error whose text, notes, class and attributes all raise.
#
# images: ["python"]
# outcome: "exception"
class Hostile(Exception):
    def __str__(self):
        raise self

    def __getattribute__(self, name):
        raise self

    __repr__ = __str__


def handler(inputs, context):
    raise Hostile
