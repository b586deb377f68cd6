# Does not parse, on a line that is told. Nothing of it is evaluated, not even what stands before.
#
# images: ["python"]
# outcome: "syntax_error"
# details: {"line": 11, "column": 16}
# no_output: "evaluated"
print("evaluated")


def handler(inputs, context):
    return 1 + ;
