"""Settles what an asynchronous handler returns, and notices when nothing can."""

import asyncio
import selectors
from _signal import ITIMER_REAL, getitimer
from _thread import _count as running_threads

from own_failure import never_settled

new_selector = selectors.DefaultSelector
set_event_loop = asyncio.set_event_loop
BaseLoop = asyncio.SelectorEventLoop


class Selector(new_selector):
    """Waits as the loop asks it to, unless nothing could end the waiting."""

    abandoned = None

    def select(self, timeout=None):
        """Waits for one of the files, or for `timeout` seconds."""
        # One file is the loop's own, by which threads and signals wake it.
        if timeout is None and len(self.get_map()) <= 1 and running_threads() == 0 and self.abandoned is not None:
            self.abandoned()
        return super().select(timeout)


class Loop(BaseLoop):
    """An event loop that knows whether a signal may still come."""

    awaits_signals = False

    def add_signal_handler(self, number, callback, *arguments):
        """Has `callback` called when a signal comes."""
        self.awaits_signals = True
        super().add_signal_handler(number, callback, *arguments)


def settle(awaitable, fail, fail_unhandled):
    """Returns what `awaitable` comes to. `fail` ends the execution with a failure, `fail_unhandled` with an error."""
    selector = Selector()
    loop = Loop(selector)

    def abandoned():
        if not loop.awaits_signals and getitimer(ITIMER_REAL)[0] == 0:
            fail(never_settled())

    def unhandled(loop, context):
        error = context.get("exception")
        if error is None:
            loop.default_exception_handler(context)
        else:
            fail_unhandled(error, "task")

    selector.abandoned = abandoned
    loop.set_exception_handler(unhandled)
    set_event_loop(loop)
    return loop.run_until_complete(awaitable)
