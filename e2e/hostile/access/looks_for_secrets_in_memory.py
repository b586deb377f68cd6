# Reads all of its own memory, where a sandbox that was used before, or was forked from something that knows more, would have
# what others left. A text of its own shows that it would be found.
#
# images: ["python"]
# outcome: "success"
# value: ["own"]
# request: {"timeout_ms": 30000}
import re

SECRET = re.compile(b"VTCANARY" + b"-[0-9a-z]{2,}")


def handler(inputs, context):
    own = ("VTCANARY" + "-%s" % "OWN").encode()
    found = set()
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", buffering=0) as memory:
        for line in maps:
            place, rights = line.split()[:2]
            if not rights.startswith("rw") or line.rstrip().endswith(("[vvar]", "[vsyscall]")):
                continue
            start, end = (int(bound, 16) for bound in place.split("-"))
            try:
                memory.seek(start)
                text = memory.read(end - start)
            except OSError:
                continue
            found.update(match.decode() for match in SECRET.findall(text))
            if own in text:
                found.add("own")
    return sorted(found)
