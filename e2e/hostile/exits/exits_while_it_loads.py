# Leaves while its module is loaded, before there is a handler.
#
# images: ["python"]
# outcome: "runner_exited"
# details: {"exit_code": 3}
import os

os._exit(3)
