# Logs and prints objects that raise when they are formatted, and texts that are no UTF-8. What cannot be formatted is no failure.
#
# images: ["python"]
# outcome: "success"
# value: "logged"
# output: "at last"
import logging
import sys


class Hostile:
    def __str__(self):
        raise RuntimeError("trapped")

    __repr__ = __format__ = __str__


def handler(inputs, context):
    for message in ("%s", "%d", "%(name)s", "{}", "\ud800", "\0\x1b[2J\r\n\n", Hostile()):
        logging.error(message, Hostile())
        logging.log(10**9, message)
    logging.exception("no error", exc_info=(int, 1, None)) if sys.flags.dev_mode else None
    print("\ud800", "\0", "\r", file=sys.stderr)
    logging.info("at last")
    return "logged"
