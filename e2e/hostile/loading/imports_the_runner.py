# Imports the runner's own modules by every name that they might have. None of them can be found.
#
# images: ["python"]
# outcome: "success"
# value: ["json"]
import importlib


def handler(inputs, context):
    loaded = []
    for name in ("json", "own_life", "own_channel", "life", "channel", "runner", "serialise", "evaluate", "function.life"):
        try:
            importlib.import_module(name)
            loaded.append(name)
        except ImportError:
            pass
    return loaded
