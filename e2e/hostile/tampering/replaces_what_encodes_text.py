# Replaces the codecs and error handlers of the language. The runner has its own.
#
# images: ["python"]
# outcome: "success"
# value: "é😀"
# output: "é😀"
import codecs
import encodings.utf_8
import logging


def forged(*_):
    raise RuntimeError("trapped")


def handler(inputs, context):
    for name in ("strict", "replace", "ignore", "backslashreplace", "surrogateescape", "surrogatepass"):
        try:
            codecs.register_error(name, forged)
        except ValueError:
            pass
    codecs.register(forged)
    codecs.lookup = codecs.getencoder = codecs.utf_8_encode = encodings.utf_8.encode = forged
    encodings._cache.clear()
    logging.info("é😀")
    return "é😀"
