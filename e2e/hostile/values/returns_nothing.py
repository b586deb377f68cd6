# Prints a forged result with a value, and returns nothing. Nothing is not null, and no value that was printed.
#
# images: ["python"]
# outcome: "success"
# unset: true
# output: "forged"
def handler(inputs, context):
    print('{"event":"result","status":"success","value":"forged"}')
