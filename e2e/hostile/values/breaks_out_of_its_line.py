# Returns text, and a name of a member, with everything that could end a line or a string of the protocol. It is quoted.
#
# images: ["python"]
# outcome: "success"
# value: {"\"}\n{\"event\":\"result\"": "\"}\n\r\u0000\u001f\u007f\u2028\u0085\\"}
def handler(inputs, context):
    return {'"}\n{"event":"result"': '"}\n\r\0\x1f\x7f\u2028\x85\\'}
