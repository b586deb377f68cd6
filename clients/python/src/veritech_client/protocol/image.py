"""Which image a function runs in."""

import re

IMAGE_EXPECTED = (
    "must be an OCI image name such as `builtin/quickjs` or `registry.example.com:5000/team/image`, "
    "of at most 255 bytes"
)
"""What a ``container_image`` must be, for messages."""

TAG_EXPECTED = (
    "must be a tag (1 to 128 of `A-Z`, `a-z`, `0-9`, `_`, `.`, `-`, not starting with `.` or `-`) "
    "or a digest `sha256:` with 64 digits in lower-case hexadecimal"
)
"""What a ``container_tag`` must be, for messages."""

_MAX_IMAGE_BYTES = 255
_MAX_PORT = 65535

# Alphanumerics joined by single `.`, one or two `_`, or any number of `-`.
_COMPONENT = re.compile(r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*(?::([0-9]{{1,5}}))?")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def is_image(text: str) -> bool:
    """Says whether ``text`` is an OCI name: an optional registry host and path components in lower case."""
    if len(text) > _MAX_IMAGE_BYTES:
        return False
    first, *rest = text.split("/")
    first_fits = _COMPONENT.fullmatch(first) is not None or (len(rest) > 0 and _is_host(first))
    return first_fits and all(_COMPONENT.fullmatch(component) for component in rest)


def is_tag(text: str) -> bool:
    """Says whether ``text`` is a tag or a digest."""
    return _TAG.fullmatch(text) is not None or _DIGEST.fullmatch(text) is not None


def _is_host(text: str) -> bool:
    host = _HOST.fullmatch(text)
    return host is not None and int(host[1] or 0) <= _MAX_PORT
