# Looks through all of its memory for ids of executions, by which others could be cancelled and their requests recognised. Only
# its own is there.
#
# images: ["python"]
# outcome: "success"
# value: {"own": true, "others": []}
# runs: 2
# request: {"timeout_ms": 30000}
import re

IDS = re.compile(b"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def regions():
    """Yields what is in each part of its memory that it can write to."""
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", buffering=0) as memory:
        for line in maps:
            place, rights = line.split()[:2]
            start, end = (int(bound, 16) for bound in place.split("-"))
            if rights.startswith("rw"):
                try:
                    memory.seek(start)
                    yield memory.read(end - start)
                except OSError:
                    pass


def handler(inputs, context):
    own = context.id.encode()
    seen, others = False, set()
    for region in regions():
        seen = seen or own in region
        others.update(IDS.findall(region))
    return {"own": seen, "others": sorted(other.decode() for other in others - {own})}
