// Timers and microtasks. The callbacks live here, their order and the waiting in the runner.
export default function (internals) {
  const { native, apply, Number, TypeError, toPrimitive, hooks, expose } = internals;
  const timers = { __proto__: null };
  let lastId = 0;

  const callable = (callback) => {
    if (typeof callback !== "function") {
      throw new TypeError("The \"callback\" argument must be of type function");
    }
    return callback;
  };
  const delayOf = (delay) => {
    const ms = Number(delay);
    return ms >= 1 && ms <= 2147483647 ? internals.trunc(ms) : 1;
  };

  class Timeout {
    #id;
    constructor(id) {
      this.#id = id;
    }
    static idOf(value) {
      return value !== null && typeof value === "object" && #id in value ? value.#id : Number(value);
    }
    ref() {
      const timer = timers[this.#id];
      if (timer !== undefined) timer.keeps = true;
      native.keep(this.#id, true);
      return this;
    }
    unref() {
      const timer = timers[this.#id];
      if (timer !== undefined) timer.keeps = false;
      native.keep(this.#id, false);
      return this;
    }
    hasRef() {
      const timer = timers[this.#id];
      return timer !== undefined && timer.keeps;
    }
    refresh() {
      const timer = timers[this.#id];
      if (timer !== undefined) native.schedule(this.#id, timer.delay, timer.keeps);
      return this;
    }
    close() {
      clear(this);
      return this;
    }
    [toPrimitive]() {
      return this.#id;
    }
  }
  const { idOf } = Timeout;
  delete Timeout.idOf;

  const start = (callback, delay, repeats, rest) => {
    const id = ++lastId;
    timers[id] = { __proto__: null, callback: callable(callback), delay, repeats, rest, keeps: true };
    native.schedule(id, delay, true);
    return new Timeout(id);
  };
  const clear = (handle) => {
    if (handle === undefined || handle === null || typeof handle === "symbol") return;
    const id = idOf(handle);
    delete timers[id];
    native.cancel(id);
  };

  hooks.fire = (id) => {
    const timer = timers[id];
    if (timer === undefined) return;
    if (timer.repeats) native.schedule(id, timer.delay, timer.keeps);
    else delete timers[id];
    apply(timer.callback, undefined, timer.rest);
  };

  expose("setTimeout", function setTimeout(callback, delay, ...rest) {
    return start(callback, delayOf(delay), false, rest);
  });
  expose("setInterval", function setInterval(callback, delay, ...rest) {
    return start(callback, delayOf(delay), true, rest);
  });
  expose("setImmediate", function setImmediate(callback, ...rest) {
    return start(callback, 0, false, rest);
  });
  for (const name of ["clearTimeout", "clearInterval", "clearImmediate"]) {
    const { [name]: named } = { [name](handle) { clear(handle); } };
    expose(name, named);
  }

  const enqueue = internals.global.queueMicrotask;
  expose("queueMicrotask", function queueMicrotask(callback) {
    callable(callback);
    enqueue(() => {
      try {
        callback();
      } catch (error) {
        native.uncaught(error);
      }
    });
  });
}
