// Describes what was thrown, in plain strings, whatever it is.
export default function (internals) {
  const { hasOwn, getPrototypeOf, isPrototypeOf, toWellFormed, slice, hooks } = internals;
  const ErrorPrototype = internals.Error.prototype;
  const DOMExceptionPrototype = internals.DOMException.prototype;
  const MAX_CAUSES = 8;
  const MAX_LENGTH = 8192;

  // A string property, or the empty string if it is missing, no string, or throws.
  const text = (object, name) => {
    try {
      const value = object[name];
      return typeof value === "string" ? toWellFormed(slice(value, 0, MAX_LENGTH)) : "";
    } catch {
      return "";
    }
  };

  internals.isErrorLike = (value) => {
    if (value === null || typeof value !== "object") return false;
    try {
      return (
        internals.native.isError(value) ||
        isPrototypeOf(ErrorPrototype, value) ||
        isPrototypeOf(DOMExceptionPrototype, value)
      );
    } catch {
      return false;
    }
  };

  // The class of an error: its `name` where that says more than its constructor, else the constructor's.
  internals.errorClass = (error) => {
    try {
      for (let object = error; object !== null; object = getPrototypeOf(object)) {
        if (hasOwn(object, "name")) {
          return text(error, "name") || "Error";
        }
        if (hasOwn(object, "constructor")) {
          const name = typeof object.constructor === "function" ? text(object.constructor, "name") : "";
          if (name !== "") return name;
        }
      }
    } catch {
      // A proxy that refuses to be looked at.
    }
    return text(error, "name") || "Error";
  };

  internals.errorMessage = (error) => text(error, "message");

  // One line on what was thrown.
  internals.summary = (value) => {
    if (!internals.isErrorLike(value)) return internals.shown(value);
    const message = internals.errorMessage(value);
    const name = internals.errorClass(value);
    return message === "" ? name : `${name}: ${message}`;
  };

  // What was thrown as the console would show it, or a word for what cannot even be shown.
  internals.shown = (value) => {
    try {
      return toWellFormed(slice(internals.inspect(value), 0, MAX_LENGTH));
    } catch {
      return typeof value;
    }
  };

  const describe = (value, depth) => {
    const description = { __proto__: null, class: null, message: "", stack: "", thrown: null, cause: null };
    if (!internals.isErrorLike(value)) {
      description.thrown = internals.shown(value);
      description.message = description.thrown;
      return description;
    }
    description.class = internals.errorClass(value);
    description.message = internals.errorMessage(value);
    try {
      const stack = value.stack;
      if (typeof stack === "string") description.stack = toWellFormed(slice(stack, 0, 4 * MAX_LENGTH));
      if (depth < MAX_CAUSES && hasOwn(value, "cause") && value.cause !== undefined) {
        description.cause = describe(value.cause, depth + 1);
      }
    } catch {
      // A getter that throws has nothing to say.
    }
    return description;
  };

  hooks.describe = (value) => describe(value, 0);
}
