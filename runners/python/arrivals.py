"""What is set up in modules of the standard library when the caller's code first imports them.

Loading them before would take longer than everything else here.
"""

import sys


def prepare_on_arrival(output, fail_unhandled):
    """Has records of `logging` passed to `output`, and errors that threads leave to nobody to `fail_unhandled`."""

    def logging_arrived(logging):
        from own_records import pass_on

        pass_on(logging, output)

    def threading_arrived(threading):
        def report(arguments):
            if arguments.exc_value is not None and arguments.exc_type is not SystemExit:
                fail_unhandled(arguments.exc_value, "thread")

        threading.excepthook = report

    awaited = {"logging": logging_arrived, "threading": threading_arrived}
    for name in [name for name in awaited if name in sys.modules]:
        # The interpreter was told to load it at its start.
        awaited.pop(name)(sys.modules[name])
    sys.meta_path.insert(0, Finder(awaited))


class Finder:
    """Finds the modules that are awaited, as the others do, and has them prepared once they are loaded."""

    def __init__(self, awaited):
        self.awaited = awaited

    def find_spec(self, name, path=None, target=None):
        """Returns the spec of a module that is awaited, otherwise leaves it to others."""
        prepare = self.awaited.pop(name, None)
        if prepare is None:
            return None
        for finder in sys.meta_path:
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                spec.loader = Loader(spec.loader, prepare)
                return spec
        return None


class Loader:
    """Loads a module as another loader does, and prepares it."""

    def __init__(self, loader, prepare):
        self.loader = loader
        self.prepare = prepare

    def create_module(self, spec):
        """Leaves this to the other loader."""
        return self.loader.create_module(spec)

    def exec_module(self, module):
        """Loads the module, which then shows nothing of this."""
        module.__spec__.loader = module.__loader__ = self.loader
        self.loader.exec_module(module)
        self.prepare(module)
