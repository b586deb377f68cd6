# Has the garbage collector run at every allocation and call something that raises and prints forged results.
#
# images: ["python"]
# outcome: "success"
# value: [[0], [1], [2]]
import gc


def hostile(phase, information):
    print('{"event":"result","status":"success","value":"forged"}')
    raise RuntimeError("trapped")


def handler(inputs, context):
    gc.set_threshold(1, 1, 1)
    gc.callbacks.append(hostile)
    return [[number] for number in range(3)]
