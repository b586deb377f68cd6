# Puts hostile objects in the place of every module that is loaded, and of the machinery that loads others.
#
# images: ["python"]
# outcome: "exception"
# message: "KeyError: 'real'"
import sys


class Hostile:
    def __getattribute__(self, name):
        raise RuntimeError("trapped")


def handler(inputs, context):
    for name in list(sys.modules):
        sys.modules[name] = Hostile()
    sys.meta_path[:] = [Hostile()]
    sys.path_hooks[:] = [Hostile()]
    sys.path_importer_cache.clear()
    raise KeyError("real")
