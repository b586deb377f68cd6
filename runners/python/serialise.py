"""Turns the handler's value into JSON text.

It takes what the `json` module takes, and refuses what that would drop or change silently, saying where in the value it is.
The walk is bounded in depth and in length.
"""

from _json import encode_basestring

from own_text import is_well_formed

MAX_DEPTH = 128

# Types that are refused under a name of their own: what `details.type` says.
NAMED = (
    ((set, frozenset), "set"),
    ((bytes, bytearray, memoryview), "bytes"),
    (complex, "complex"),
    ((type(lambda: None), type(len), type([].append), type), "function"),
)

WORDS = {
    "nan": "is NaN",
    "infinity": "is infinite",
    "cycle": "contains itself",
    "too_deep": f"is nested more than {MAX_DEPTH} levels deep",
    "lone_surrogate": "contains a lone surrogate",
    "key": "is a member whose name is no text",
    "unreadable": "could not be read, it raised",
}

INFINITY = float("inf")
# Decimal digits in a binary one, a little less: a bound from below.
DIGITS_PER_BIT = 0.3


class Refusal(Exception):
    """A value that JSON cannot hold: a JSON Pointer to it, its type, and what it is in words."""

    def __init__(self, place, kind, words=None):
        self.path = pointer(place)
        self.kind = kind
        self.words = words or WORDS[kind]


class Excess(Exception):
    """The text grew beyond the bound, to this length at least."""

    def __init__(self, length):
        self.length = length


def pointer(place):
    """Builds the JSON Pointer of a place, given as a chain of keys that ends at the root (None)."""
    tokens = []
    while place is not None:
        key, place = place
        tokens.append("/" + (str.replace(str.replace(key, "~", "~0"), "/", "~1") if isinstance(key, str) else int.__repr__(key)))
    return "".join(reversed(tokens))


def serialise(value, max_length):
    """Returns the value's JSON, in UTF-8."""
    walk = Walk(max_length)
    walk.value(value, None, 1)
    return "".join(walk.chunks).encode()


class Walk:
    """One walk over a value: the text so far, and what is around the place where it is."""

    def __init__(self, max_length):
        self.chunks = []
        self.length = 0
        self.max_length = max_length
        self.ancestors = []

    def put(self, text):
        """Adds text, counted against the bound, so that a value that shares its parts cannot grow without end."""
        self.length += len(text)
        if self.length > self.max_length:
            raise Excess(self.length)
        self.chunks.append(text)

    def value(self, value, place, depth):
        """Serialises a value at a place."""
        kind = type(value)
        write_as(kind, place)(self, value, place, depth)

    def constant(self, value, place, depth):
        """Serialises what there are only three of."""
        self.put("null" if value is None else "true" if value else "false")

    def text(self, value, place, depth):
        """Serialises a text."""
        if not is_well_formed(value):
            raise Refusal(place, "lone_surrogate")
        self.put(encode_basestring(value))

    def integer(self, value, place, depth):
        """Serialises an integer, unless spelling it out would take for ever to exceed the bound."""
        digits = int(int.bit_length(value) * DIGITS_PER_BIT)
        if digits > self.max_length:
            raise Excess(digits)
        self.put(int.__repr__(value))

    def number(self, value, place, depth):
        """Serialises a number."""
        # The only number that is not itself is none.
        if float.__ne__(value, value):
            raise Refusal(place, "nan")
        if float.__eq__(float.__abs__(value), INFINITY):
            raise Refusal(place, "infinity")
        self.put(float.__repr__(value))

    def enter(self, value, place, depth):
        """Begins with what holds other values."""
        for ancestor in self.ancestors:
            if ancestor is value:
                raise Refusal(place, "cycle")
        if depth > MAX_DEPTH:
            raise Refusal(place, "too_deep")
        self.ancestors.append(value)

    def leave(self):
        """Ends with what holds other values."""
        self.ancestors.pop()

    def elements(self, value, place, depth):
        """Serialises an array."""
        self.enter(value, place, depth)
        mark = "["
        for index, element in enumerate(list.__iter__(value) if issubclass(type(value), list) else tuple.__iter__(value)):
            self.put(mark)
            self.value(element, (index, place), depth + 1)
            mark = ","
        self.put("]" if mark == "," else "[]")
        self.leave()

    def members(self, value, place, depth):
        """Serialises an object."""
        self.enter(value, place, depth)
        mark = "{"
        for key, member in pairs(value, place):
            if not issubclass(type(key), str):
                raise Refusal(place, "key", f"has a member whose name is not a text but {described(type(key))}")
            inner = (key, place)
            self.put(mark)
            self.text(key, inner, depth)
            self.put(":")
            self.value(member, inner, depth + 1)
            mark = ","
        self.put("}" if mark == "," else "{}")
        self.leave()


# What serialises the values of a type, the subclasses of which are what they extend.
TYPES = (
    (str, Walk.text),
    (int, Walk.integer),
    (float, Walk.number),
    (dict, Walk.members),
    (list, Walk.elements),
    (tuple, Walk.elements),
    (bool, Walk.constant),
    (type(None), Walk.constant),
)


def write_as(kind, place):
    """Returns what serialises the values of a type, or refuses it.

    A class of the caller's own may raise when it is hashed or compared, or lie; and `id` can be refused by an audit hook.
    """
    for known, write in TYPES:
        if kind is known:
            return write
    for extended, write in TYPES:
        if issubclass(kind, extended):
            return write
    raise refusal_of(kind, place)


def pairs(value, place):
    """Returns the members of a dictionary. Those of a class of its own may be in another order, which only it knows."""
    return list(value.items()) if type(value) is dict else pairs_told(value, place)


def pairs_told(value, place):
    """Yields the members that an object of the caller's own class says it has."""
    try:
        for key, member in value.items():
            yield key, member
    except Exception:
        raise Refusal(place, "unreadable") from None


def refusal_of(kind, place):
    """Returns why a value of a type is refused."""
    name = next((name for types, name in NAMED if issubclass(kind, types)), "object")
    return Refusal(place, name, f"is {described(kind)}")


name_of = type.__dict__["__name__"].__get__


def described(kind):
    """Returns a type with its article."""
    name = name_of(kind)
    return f"{'an' if name[:1] in 'aeiouAEIOU' else 'a'} {name}"
