"""The caller's `logging`: every record becomes one output event with its stream and level."""


def pass_on(logging, output):
    """Has `output(stream, level, message)` called for every record that reaches the root logger."""

    class Handler(logging.Handler):
        """Puts records out."""

        def emit(self, record):
            """Puts one out; what cannot be formatted is reported as `logging` does."""
            try:
                message = self.format(record)
            except Exception:
                self.handleError(record)
                return
            output(*channel_of(record.levelno), message)

    root = logging.getLogger()
    root.addHandler(Handler())
    root.setLevel(logging.NOTSET)
    # It would tell which selector it uses.
    logging.getLogger("asyncio").setLevel(logging.INFO)


def channel_of(level):
    """Returns the stream and the level of a record."""
    if level >= 40:
        return b"stderr", b"error"
    if level >= 30:
        return b"stderr", b"warn"
    return b"stdout", b"info" if level >= 20 else b"debug"
