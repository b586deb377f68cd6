// Small parts of the web platform and of `process`.
export default function (internals) {
  const { native, expose, DOMException, isView, hooks, defineProperty, keys } = internals;
  const { typedArrayName, typedArrayBuffer, typedArrayOffset, typedArrayByteLength, typedArraySet, Uint8Array } = internals;

  const INTEGER_ARRAYS = {
    __proto__: null,
    Int8Array: true, Uint8Array: true, Uint8ClampedArray: true, Int16Array: true, Uint16Array: true,
    Int32Array: true, Uint32Array: true, BigInt64Array: true, BigUint64Array: true,
  };
  const MAX_RANDOM_BYTES = 65536;

  class Crypto {
    getRandomValues(array) {
      if (!isView(array) || !INTEGER_ARRAYS[typedArrayName(array)]) {
        throw new DOMException("The data argument must be an integer-type TypedArray", "TypeMismatchError");
      }
      const length = typedArrayByteLength(array);
      if (length > MAX_RANDOM_BYTES) {
        throw new DOMException(`The requested length exceeds ${MAX_RANDOM_BYTES} bytes`, "QuotaExceededError");
      }
      const target = new Uint8Array(typedArrayBuffer(array), typedArrayOffset(array), length);
      typedArraySet(target, native.random(length));
      return array;
    }
    randomUUID() {
      return native.randomUuid();
    }
  }
  defineProperty(Crypto.prototype, internals.toStringTag, { __proto__: null, value: "Crypto", configurable: true });
  expose("crypto", new Crypto());

  // A process that was forked has the generator of its parent, in the state that its siblings have it in: another one takes
  // its place, sfc32 by Chris Doty-Humphrey.
  hooks.reseed = () => {
    const seed = new Int32Array(typedArrayBuffer(native.random(16)));
    let a = seed[0];
    let b = seed[1];
    let c = seed[2];
    let counter = seed[3];
    const next = () => {
      const sum = (((a + b) | 0) + counter) | 0;
      counter = (counter + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (c << 21) | (c >>> 11);
      c = (c + sum) | 0;
      return sum >>> 0;
    };
    for (let round = 0; round < 12; round++) next();
    const { random } = { random: () => ((next() >>> 5) * 0x4000000 + (next() >>> 6)) / 0x20000000000000 };
    defineProperty(Math, "random", { __proto__: null, value: random, writable: true, enumerable: false, configurable: true });
  };

  const process = { env: {} };
  expose("process", process);
  hooks.setEnv = (env) => {
    const names = keys(env);
    for (let i = 0; i < names.length; i++) {
      defineProperty(process.env, names[i], {
        __proto__: null, value: env[names[i]], writable: true, enumerable: true, configurable: true,
      });
    }
  };

  // What the handler is told about its own execution.
  hooks.context = (id, kind, deadline) => internals.freeze({ id, kind, deadline });
}
