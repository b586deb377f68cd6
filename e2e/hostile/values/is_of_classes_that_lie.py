# Returns numbers, texts, lists and dictionaries of classes that answer every question about themselves wrongly. What they hold
# is the value.
#
# images: ["python"]
# outcome: "success"
# value: {"a": [1, 1.5, "b", {"c": null}]}
def trapped(*_):
    raise RuntimeError("trapped")


SPECIAL = ("__len__", "__iter__", "__bool__", "__hash__", "__repr__", "__str__", "__int__", "__index__", "__float__", "__eq__")
LIES = dict.fromkeys(SPECIAL, trapped)
# A name of a member has to be put into a dictionary.
Text = type("Text", (str,), {**LIES, "__hash__": str.__hash__, "__eq__": str.__eq__})
Whole, Number, List = (type("Odd", (base,), dict(LIES)) for base in (int, float, list))


class Dictionary(dict):
    __iter__ = __len__ = keys = values = __getitem__ = __contains__ = trapped


def handler(inputs, context):
    return {Text("a"): List([Whole(1), Number(1.5), Text("b"), Dictionary(c=None)])}
