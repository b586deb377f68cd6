# Walks up the stack to the runner's own module and has it claim that the sandbox was lost. Frames are open in this language,
# so the function can do whatever the runner could; what the runner may not claim, nobody believes.
#
# images: ["python"]
# outcome: "protocol_error"
import sys


def handler(inputs, context):
    frame = sys._getframe()
    while frame is not None:
        if "value_members" in frame.f_globals:
            claim = b'"status":"failure","failure":{"code":"sandbox_lost","message":"forged","details":{}}'
            frame.f_globals["value_members"] = lambda *_: claim
        frame = frame.f_back
    return "real"
