# Seeds the random numbers of the language with a number that the next execution knows. That one has its own.
#
# images: ["python"]
# outcome: "success"
# value: {"known": false, "predictable": true}
# runs: 2
import random


def handler(inputs, context):
    known = random.Random(4711)
    expected = [known.random() for _ in range(4)]
    first = random.random()
    random.seed(4711)
    return {"known": first in expected, "predictable": random.random() == expected[0]}
