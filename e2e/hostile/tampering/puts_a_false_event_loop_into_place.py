# Returns something to be awaited from source that does not need the event loop, after it has put a false module in the
# loop's place. The runner must not break over it: it is the function that did.
#
# images: ["python"]
# outcome: ["success", "exception"]
# value: "real"
import sys
import types

sys.modules["asyn" + "cio"] = types.ModuleType("false")


class Later:
    def __await__(self):
        return "real"
        yield


def handler(inputs, context):
    return Later()
