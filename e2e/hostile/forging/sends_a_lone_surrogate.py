# Writes a result with an escaped lone surrogate, which some parsers take and others do not. No caller may be given a value
# that it cannot read: it is refused, as malformed or as no value.
#
# images: ["python"]
# outcome: ["protocol_error","invalid_result"]
import os


def handler(inputs, context):
    os.write(250, b'{"event":"result","status":"success","value":["\\ud800"]}\n')
    return "real"
