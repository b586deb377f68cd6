// The console's rendering of its arguments: a template's directives, then the rest as it is shown.
export default function (internals) {
  const { hasOwn, getOwnPropertyDescriptor, getPrototypeOf, functionToString, slice, includes, indexOf, String } = internals;
  const number = internals.numberText;

  const plainly = (target, maxDepth) => (typeof target === "string" ? target : internals.inspect(target, maxDepth));

  // One argument of `%s`: objects at a depth of zero, unless they bring a `toString` of their own.
  const asString = (argument) => {
    if (typeof argument === "bigint") return `${argument}n`;
    if (typeof argument === "number") return number(argument);
    if (argument === null || typeof argument !== "object") {
      return typeof argument === "function" && !hasOwn(argument, "toString") ? functionToString(argument) : String(argument);
    }
    if (internals.isErrorLike(argument)) return internals.inspect(argument, 0);
    try {
      for (let at = argument; at !== null; at = getPrototypeOf(at)) {
        if (!hasOwn(at, "toString")) continue;
        const constructor = getOwnPropertyDescriptor(at, "constructor");
        const builtin = constructor !== undefined && at !== argument && includes(functionToString(constructor.value), "[native code]");
        return builtin ? internals.inspect(argument, 0) : String(argument);
      }
    } catch {
      // Shown below, without the help of its own methods.
    }
    return internals.inspect(argument, 0);
  };
  const asInteger = (argument) => {
    if (typeof argument === "bigint") return `${argument}n`;
    return typeof argument === "symbol" || typeof argument === "object" && argument !== null
      ? "NaN"
      : number(internals.parseInt(argument));
  };
  const asNumber = (argument) => {
    if (typeof argument === "bigint") return `${argument}n`;
    return typeof argument === "symbol" || typeof argument === "object" && argument !== null
      ? "NaN"
      : number(internals.Number(argument));
  };
  const asJson = (argument) => {
    try {
      return String(internals.quote(argument));
    } catch (error) {
      if (includes(internals.errorMessage(error), "circular")) return "[Circular]";
      throw error;
    }
  };
  const directive = (letter, argument) => {
    switch (letter) {
      case "s":
        return asString(argument);
      case "d":
        return asNumber(argument);
      case "i":
        return asInteger(argument);
      case "f":
        return typeof argument === "symbol" ? "NaN" : number(internals.parseFloat(argument));
      case "j":
        return asJson(argument);
      case "o":
        return internals.inspect(argument, 4);
      case "O":
        return internals.inspect(argument);
      case "c":
        return "";
      default:
        return undefined;
    }
  };

  // Renders the arguments of one console call.
  internals.format = (values) => {
    let text = "";
    let next = 0;
    if (values.length > 1 && typeof values[0] === "string") {
      const template = values[0];
      let from = 0;
      next = 1;
      for (let at = indexOf(template, "%"); at !== -1 && at + 1 < template.length; at = indexOf(template, "%", at)) {
        const letter = template[at + 1];
        let shown;
        if (letter === "%") shown = "%";
        else if (next < values.length && (shown = directive(letter, values[next])) !== undefined) next++;
        if (shown === undefined) {
          at += 1;
          continue;
        }
        text += slice(template, from, at) + shown;
        at += 2;
        from = at;
      }
      text += slice(template, from);
    }
    for (; next < values.length; next++) {
      text += (next === 0 ? "" : " ") + plainly(values[next]);
    }
    return text;
  };
}
