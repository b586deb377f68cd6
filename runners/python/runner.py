"""The Python runner: one process executes one function.

    python3 -I -S -B -X utf8 runner.py

This file only loads the others, in a way that the function's code cannot reach: each gets a private copy of the built-in
functions, and none is found by its name afterwards. `life.py` tells the story.
"""

import builtins
import posix
import sys

OLDEST = (3, 11)

# What the runner's own modules find under their names.
modules = {}
private = dict(vars(builtins))
directory = __file__.rpartition("/")[0] or "."


def read(path):
    """Returns the content of a file."""
    descriptor = posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC)
    try:
        return posix.read(descriptor, posix.fstat(descriptor).st_size)
    finally:
        posix.close(descriptor)


def load(name):
    """Loads a module of the runner, once."""
    module = modules.get(name)
    if module is None:
        path = f"{directory}/{name}.py"
        module = modules[name] = type(sys)(name)
        module.__builtins__ = private
        exec(compile(read(path), path, "exec", dont_inherit=True), vars(module))
    return module


def import_module(name, globals=None, locals=None, fromlist=(), level=0, others=builtins.__import__):
    """Does what an `import` statement of the runner's modules says."""
    return load(name[len("own_"):]) if name.startswith("own_") else others(name, globals, locals, fromlist, level)


if __name__ == "__main__":
    if sys.version_info < OLDEST:
        sys.exit("the Python runner needs Python 3.11 or later; this is " + sys.version.split()[0])
    private["__import__"] = import_module
    load("life").start()
