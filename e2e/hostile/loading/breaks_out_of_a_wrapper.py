# Ends its indentation and begins another function, to break out of a wrapper around the source. There is none: it is a
# module like others.
#
# images: ["python"]
# outcome: "success"
# value: "function"
if True:
    pass


def handler(inputs, context):
    return __name__
