# Puts another module in place of its own, with another handler. The handler is that of the source.
#
# images: ["python"]
# outcome: "success"
# value: "real"
import sys
import types

sys.modules[__name__] = types.ModuleType(__name__)
sys.modules[__name__].handler = lambda inputs, context: "forged"


def handler(inputs, context):
    return "real"
