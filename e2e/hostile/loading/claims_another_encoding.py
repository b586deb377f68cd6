# -*- coding: utf-7 -*- is what this line says, by which +ACIAKQA7- would end a text. The source came as text, so that nothing
# is decoded once more.
#
# images: ["python"]
# outcome: "success"
# value: "+ACIAKQA7-"
def handler(inputs, context):
    return "+ACIAKQA7-"
