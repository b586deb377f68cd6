// `TextEncoder` and `TextDecoder`, for UTF-8.
export default function (internals) {
  const { native, expose, TypeError, RangeError, toWellFormed, isView, brand, Uint8Array, toLowerCase, trim } = internals;
  const { typedArrayBuffer, typedArrayOffset, typedArrayByteLength, typedArrayLength, typedArraySet, typedArrayName } = internals;
  const { bytesToHex, Boolean } = internals;
  const { dataViewBuffer, dataViewOffset, dataViewByteLength, charCodeAt, slice } = internals;

  // The bytes of a buffer or of a view on one.
  const bytesOf = (source) => {
    if (source === undefined) return new Uint8Array(0);
    if (isView(source)) {
      return typedArrayName(source) === undefined
        ? new Uint8Array(dataViewBuffer(source), dataViewOffset(source), dataViewByteLength(source))
        : new Uint8Array(typedArrayBuffer(source), typedArrayOffset(source), typedArrayByteLength(source));
    }
    const kind = source !== null && typeof source === "object" ? brand(source) : "";
    if (kind !== "ArrayBuffer" && kind !== "SharedArrayBuffer") {
      throw new TypeError("The \"input\" argument must be an ArrayBuffer or a view on one");
    }
    return new Uint8Array(source);
  };

  // A copy of the bytes from `start` on.
  const slicedBytes = (bytes, start) => {
    const copy = new Uint8Array(typedArrayLength(bytes) - start);
    for (let i = 0; i < typedArrayLength(copy); i++) copy[i] = bytes[start + i];
    return copy;
  };

  class TextEncoder {
    get encoding() {
      return "utf-8";
    }
    encode(text = "") {
      return native.encode(toWellFormed(`${text}`));
    }
    encodeInto(text, target) {
      const source = toWellFormed(`${text}`);
      const room = typedArrayLength(target);
      let read = 0;
      let written = 0;
      while (read < source.length) {
        const code = charCodeAt(source, read);
        const pair = code >= 0xd800 && code <= 0xdbff;
        const size = code < 0x80 ? 1 : code < 0x800 ? 2 : pair ? 4 : 3;
        if (written + size > room) break;
        read += pair ? 2 : 1;
        written += size;
      }
      typedArraySet(target, native.encode(slice(source, 0, read)));
      return { read, written };
    }
  }

  class TextDecoder {
    #fatal;
    #ignoreBom;
    #pending = new Uint8Array(0);
    #started = false;

    constructor(label = "utf-8", options = undefined) {
      const name = toLowerCase(trim(`${label}`));
      if (name !== "utf-8" && name !== "utf8" && name !== "unicode-1-1-utf-8") {
        throw new RangeError(`The "${label}" encoding is not available in builtin/quickjs`);
      }
      this.#fatal = Boolean(options?.fatal);
      this.#ignoreBom = Boolean(options?.ignoreBOM);
    }
    get encoding() {
      return "utf-8";
    }
    get fatal() {
      return this.#fatal;
    }
    get ignoreBOM() {
      return this.#ignoreBom;
    }
    decode(input = undefined, options = undefined) {
      const stream = Boolean(options?.stream);
      let bytes = bytesOf(input);
      if (typedArrayLength(this.#pending) > 0) {
        const joined = new Uint8Array(typedArrayLength(this.#pending) + typedArrayLength(bytes));
        typedArraySet(joined, this.#pending);
        typedArraySet(joined, bytes, typedArrayLength(this.#pending));
        bytes = joined;
      }
      const decoded = native.decode(bytesToHex(bytes), this.#fatal, stream);
      const begins = !this.#started;
      if (decoded === undefined) {
        this.#pending = new Uint8Array(0);
        this.#started = false;
        throw new TypeError("The encoded data was not valid for encoding utf-8");
      }
      const { text, rest } = decoded;
      this.#pending = slicedBytes(bytes, typedArrayLength(bytes) - rest);
      this.#started = stream && (this.#started || text !== "");
      return begins && !this.#ignoreBom && charCodeAt(text, 0) === 0xfeff ? slice(text, 1) : text;
    }
  }
  for (const [name, constructor] of [["TextEncoder", TextEncoder], ["TextDecoder", TextDecoder]]) {
    internals.defineProperty(constructor.prototype, internals.toStringTag, { __proto__: null, value: name, configurable: true });
    expose(name, constructor);
  }
}
