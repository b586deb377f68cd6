# Changes the dictionary that the runner is writing, from within it. It says of itself that it cannot be read then.
#
# images: ["python"]
# outcome: "invalid_result"
# details: {"type": "unreadable"}
class Odd(dict):
    def items(self):
        for name in dict.items(self):
            self[f"{len(self)}"] = 1
            yield name


def handler(inputs, context):
    return Odd(a=1)
