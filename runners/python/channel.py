"""The runner's side of the line protocol: JSON lines on what was descriptor 3."""

import posix
from _thread import RLock

from own_text import encode, quote

# Where the pipe is moved: out of the way of code that closes small numbers, and of its child processes.
PLACE = 250

exit_process = posix._exit
get_pid = posix.getpid
write = posix.write


class Channel:
    """Writes whole lines, from any thread of the process that made it."""

    def __init__(self):
        posix.dup2(3, PLACE, inheritable=False)
        posix.close(3)
        self.pid = get_pid()
        self.lock = RLock()
        self.limit = 0
        self.written = 0
        self.muted = False
        self.closed = False

    def ready(self):
        """Says that the runner is warm and waits for its execution."""
        self.send(b'{"event":"ready"}\n')

    def limit_output(self, count):
        """Sets how many bytes of output are passed on."""
        self.limit = count

    def output(self, stream, level, message):
        """Reports one message, unless the handler has ended or the limit is passed; one too many shows the excess.

        A child process, or a signal handler that interrupts this very function, has no part in the protocol: that would
        break another line.
        """
        if get_pid() != self.pid or self.lock._is_owned():
            return
        with self.lock:
            if self.muted or self.written > self.limit:
                return
            text = encode(message, self.limit + 1)
            self.written += len(text)
            self.send(b'{"event":"output","stream":"%b","level":"%b","message":%b}\n' % (stream, level, quote(text)))

    def mute(self):
        """Passes on no more output: the handler has ended."""
        self.muted = True

    def result(self, members):
        """Reports the result, given as the members that follow `event`.

        Only the first call does: another thread's waits here for the end of the process. A child process returns without.
        """
        if get_pid() != self.pid:
            return
        self.lock.acquire()
        if not self.closed:
            self.closed = True
            self.send(b'{"event":"result",%b}\n' % members)

    def send(self, line):
        """Writes all of a line, or ends the process: without the pipe there is nobody to tell anything."""
        rest = memoryview(line)
        try:
            while rest:
                rest = rest[write(PLACE, rest) :]
        except OSError:
            exit_process(1)
