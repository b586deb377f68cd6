"""A validation: is this text an address that mail could be sent to (RFC 5321, without quoted names)?

    veritech run examples/mail-address.py --image host/python --kind validation --inputs '{"address":"ada@example.org"}'
    veritech run examples/mail-address.py --image host/python --kind validation --inputs '{"address":"ada@-.example"}'
"""

import logging
import re

ATOM = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+", re.IGNORECASE)
LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)


def handler(inputs, context):
    problem = problem_of(inputs.get("address"))
    logging.debug("checked for %s until %d", context.id, context.deadline)
    return {"valid": True} if problem is None else {"valid": False, "message": problem}


def problem_of(address):
    if not isinstance(address, str) or address.count("@") != 1:
        return "an address is a text with one @"
    name, domain = address.split("@")
    if len(name) > 64 or len(domain) > 253:
        return "the name has at most 64 characters, the domain 253"
    for part in name.split("."):
        if not ATOM.fullmatch(part):
            return f"`{name}` is no name: atoms with dots between them"
    for label in domain.split("."):
        if not LABEL.fullmatch(label):
            return f"`{label}` is no label: letters, digits and inner hyphens, at most 63"
    return None
