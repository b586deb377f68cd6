# Finds the runner's channel among all objects and lifts its limit of output. Cyclone and the dispatcher count too: what is
# beyond the limit of the request is cut.
#
# images: ["python"]
# outcome: "success"
# value: "real"
# no_output: "too late"
# request: {"limits": {"output_bytes": 100}}
import gc
import logging


def handler(inputs, context):
    for found in gc.get_objects():
        if type(found).__name__ == "Channel":
            found.limit = 1 << 60
    for _ in range(10):
        logging.info("x" * 50)
    logging.info("too late")
    return "real"
