"""Text of the caller's code, as JSON: cut, well-formed, and read without calling what that code defined."""

from _json import encode_basestring


class Source:
    """The caller's source."""

    # Its name in tracebacks.
    FILE = "function.py"
    # The name of its module.
    MODULE = "function"


def encode(text, limit):
    """Returns the first bytes of a text, at most `limit`, cut between characters; lone surrogates are spelt out."""
    encoded = str.encode(str.__getitem__(text, slice(0, limit)), "utf-8", "backslashreplace")
    return encoded if len(encoded) <= limit else bytes(encoded[:limit].decode("utf-8", "ignore"), "utf-8")


def quote(encoded):
    """Returns a text, encoded already, as JSON."""
    return encode_basestring(encoded.decode()).encode()


def is_well_formed(text):
    """Says whether a text can be encoded: it has no lone surrogate."""
    if str.isascii(text):
        return True
    try:
        str.encode(text)
    except UnicodeEncodeError:
        return False
    return True
