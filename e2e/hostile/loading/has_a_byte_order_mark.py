# Has a byte order mark in the middle, which is nothing to the language.
#
# images: ["python"]
# outcome: "syntax_error"
def handler(inputs, context):
    return 1
﻿
