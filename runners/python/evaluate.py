"""The caller's source as a module, and the handler in it."""

import sys

from own_text import Source

make_module = type(sys)
compile_source = compile
modules = sys.modules


class InvalidSource(Exception):
    """The source does not compile; `__cause__` says why."""


class InvalidHandler(Exception):
    """There is no such handler, or it cannot be called."""

    def __init__(self, name, found, exports):
        self.name = name
        self.found = found
        self.exports = exports


class Context:
    """What a handler is told about its execution."""

    __slots__ = ("id", "kind", "deadline")

    def __init__(self, id, kind, deadline):
        for name, value in zip(self.__slots__, (id, kind, deadline)):
            object.__setattr__(self, name, value)

    def __setattr__(self, name, value):
        raise AttributeError(f"the context cannot be changed: {name}")

    def __delattr__(self, name):
        raise AttributeError(f"the context cannot be changed: {name}")

    def __repr__(self):
        return f"Context(id={self.id!r}, kind={self.kind!r}, deadline={self.deadline!r})"


class Loader:
    """Shows the source to whoever asks for it: tracebacks that the code itself prints, and `inspect`."""

    def __init__(self, source):
        self.source = source

    def get_source(self, name):
        """Returns the source of the module."""
        return self.source


def evaluate(source):
    """Evaluates a source and returns its module."""
    text = source.removeprefix("\ufeff")
    try:
        code = compile_source(text, Source.FILE, "exec", dont_inherit=True)
    # Besides a SyntaxError: text that is none, and nesting deeper than the parser can follow.
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as error:
        raise InvalidSource from error
    module = make_module(Source.MODULE)
    module.__file__ = Source.FILE
    module.__loader__ = Loader(text)
    # Where `dataclasses` and `typing` look for what annotations name.
    modules[Source.MODULE] = module
    exec(code, vars(module))
    return module


def find_handler(module, name):
    """Returns the function of this name."""
    namespace = vars(module)
    # What every module has was not defined by this one.
    defined = name in namespace and not name.startswith("__")
    handler = namespace[name] if defined else None
    if callable(handler):
        return handler
    found = type(handler).__name__ if defined else "undefined"
    raise InvalidHandler(name, found, exports(namespace))


def exports(namespace):
    """Returns the names that could be meant: what is public and no module."""
    return [name for name, value in namespace.items() if name[:1] != "_" and type(value) is not make_module]
