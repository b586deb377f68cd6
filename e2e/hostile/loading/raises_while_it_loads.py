# Prints a forged result and raises while it is loaded.
#
# images: ["python"]
# outcome: "exception"
# message: "KeyboardInterrupt"
# output: "forged"
print('{"event":"result","status":"success","value":"forged"}')
raise KeyboardInterrupt
