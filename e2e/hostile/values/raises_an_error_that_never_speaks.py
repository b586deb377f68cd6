# Raises an error whose text takes for ever.
#
# images: ["python"]
# outcome: "timed_out"
# request: {"timeout_ms": 500}
class Silent(Exception):
    def __str__(self):
        while True:
            pass


def handler(inputs, context):
    raise Silent
