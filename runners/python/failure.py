"""Describes what went wrong: each function returns the failure as JSON text, `{"code":…,"message":…,"details":{…}}`.

What is described came from the caller's code: everything that is asked of it may raise or lie, and every text is cut.
"""

from own_text import Source, encode, quote

MAX_TEXT_BYTES = 8 * 1024
MAX_CAUSES = 8
MAX_NOTES = 8
MAX_EXPORTS = 32

# How many bytes of text, and how many frames, are told of an error, and of each that it came of: all of them together fit
# into what the details of a failure may have. Of a longer stack the middle is left out.
OUTER = (4 * 1024, 64)
INNER = (512, 8)

name_of = type.__dict__["__name__"].__get__
traceback_of = vars(BaseException)["__traceback__"].__get__
cause_of = vars(BaseException)["__cause__"].__get__
context_of = vars(BaseException)["__context__"].__get__
is_suppressed = vars(BaseException)["__suppress_context__"].__get__
errors_of = vars(BaseExceptionGroup)["exceptions"].__get__
Group = BaseExceptionGroup


def bounded(text, limit=MAX_TEXT_BYTES):
    """Returns a text as JSON, cut."""
    return quote(encode(text, limit))


def join(members):
    """Returns a JSON object."""
    return b"{%b}" % b",".join(b'"%b":%b' % member for member in members)


def failure(code, message, details):
    """Returns a failure."""
    return join([(b"code", b'"%b"' % code), (b"message", bounded(message)), (b"details", join(details))])


def class_name(error):
    """Returns the name of an error's class, whatever its metaclass says."""
    return name_of(type(error))


def message_of(error):
    """Returns what an error says of itself, and the notes that were added to it."""
    try:
        text = str(error)
        notes = getattr(error, "__notes__", None)
        if type(notes) is list:
            for note in notes[:MAX_NOTES]:
                text += f"\n{note}"
    except BaseException:
        return "[its message cannot be formatted]"
    return text


def headline(error):
    """Says in one line what was raised."""
    message = message_of(error)
    return f"{class_name(error)}: {message}" if message else class_name(error)


def stack_of(error, most):
    """Returns at most so many frames of the caller's own source, one a line, the innermost last."""
    frames = []
    place = traceback_of(error)
    try:
        while place is not None:
            code = place.tb_frame.f_code
            if code.co_filename == Source.FILE:
                frames.append((place.tb_lineno, code))
            place = place.tb_next
    except BaseException:
        # An audit hook of the code's own refuses to have it read.
        pass
    if len(frames) > most:
        del frames[most // 2 : -most // 2]
    return "\n".join(f'File "{Source.FILE}", line {line or 1}, in {code.co_name}' for line, code in frames)


def reason_of(error):
    """Returns the error that an error came of, or None."""
    cause = cause_of(error)
    return context_of(error) if cause is None and not is_suppressed(error) else cause


def described(error, room):
    """Describes an error by itself."""
    limit, frames = room
    return [
        (b"class", bounded(class_name(error), limit)),
        (b"message", bounded(message_of(error), limit)),
        (b"stack", bounded(stack_of(error, frames), limit)),
    ]


def causes_of(error, left):
    """Describes what an error came of, and what that did, at most so many."""
    reason = reason_of(error)
    if left == 0 or reason is None:
        return []
    return [(b"cause", join(described(reason, INNER) + causes_of(reason, left - 1)))]


def errors_in(error):
    """Describes the first errors of a group."""
    if not issubclass(type(error), Group):
        return []
    errors = [join(described(inner, INNER)) for inner in errors_of(error)[:MAX_CAUSES]]
    return [(b"errors", b"[%b]" % b",".join(errors))]


def exception(error, unhandled):
    """An error was raised. `unhandled` says where if nobody could have handled it: in a `thread` or a `task`."""
    details = described(error, OUTER) + causes_of(error, MAX_CAUSES) + errors_in(error)
    if unhandled is not None:
        details.append((b"unhandled", bounded(unhandled)))
    return failure(b"exception", headline(error), details)


def complaint(message, unhandled=()):
    """The execution cannot go on for a reason that is no error of the code's own."""
    details = [(b"class", b'"RuntimeError"'), (b"message", bounded(message)), (b"stack", b'""'), *unhandled]
    return failure(b"exception", f"RuntimeError: {message}", details)


def never_settled():
    """The event loop has nothing left to wait for and the handler has not ended."""
    message = "the handler never finished: it awaits something that nothing is left to settle"
    return complaint(message, [(b"unhandled", b'"never_settled"')])


def unsupported_language(language):
    """The source is in a language that is not this runner's."""
    return complaint(f"the Python runner does not execute {language}")


def syntax_error(invalid):
    """The source does not compile."""
    error = cause_of(invalid)
    details = []
    message = headline(error)
    if isinstance(error, SyntaxError):
        message = f"{class_name(error)}: {error.msg}"
        if error.lineno is not None:
            details = [(b"line", b"%d" % max(error.lineno, 1)), (b"column", b"%d" % max(error.offset or 1, 1))]
    return failure(b"syntax_error", message, details)


def invalid_handler(invalid):
    """The source has no such handler, or it cannot be called."""
    name, found = invalid.name, invalid.found
    if found == "undefined":
        message = f"the source does not define `{name}`"
    else:
        message = f"`{name}` cannot be called, it is of type {found}"
    exports = b",".join(bounded(export) for export in invalid.exports[:MAX_EXPORTS])
    details = [(b"handler", bounded(name)), (b"found", bounded(found)), (b"exports", b"[%b]" % exports)]
    return failure(b"invalid_handler", message, details)


def invalid_result(refusal):
    """The handler's value is nothing that JSON can hold."""
    at = f" at {refusal.path}" if refusal.path else ""
    message = f"the handler's value{at} {refusal.words}: JSON cannot hold it"
    return failure(b"invalid_result", message, [(b"path", bounded(refusal.path)), (b"type", bounded(refusal.kind))])


def result_too_large(limit, length, exact):
    """The handler's value is larger than allowed; `length` is where measuring stopped when it is not `exact`."""
    message = f"the handler's value takes {'' if exact else 'more than '}{length} bytes as JSON; the limit is {limit}"
    return failure(b"result_too_large", message, [(b"limit", b"%d" % limit), (b"bytes", b"%d" % length)])
