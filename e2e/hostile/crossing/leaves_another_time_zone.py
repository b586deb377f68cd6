# Sets another time zone and locale. The next execution has those that every one has.
#
# images: ["python"]
# outcome: "success"
# value: {"before": [false, 0], "after": -50400}
# runs: 2
import os
import time


def handler(inputs, context):
    before = ["TZ" in os.environ, time.timezone]
    os.environ["TZ"] = "XXX-14"
    time.tzset()
    return {"before": before, "after": time.timezone}
