// Whether what came as JSON is what it should be. Members that nobody asked for are ignored.

/** What a value must be. */
export interface Check {
  /** In words, after "must be". */
  readonly expected: string;
  /** Whether the value is that. */
  fits(value: unknown): boolean;
}

/** What the members of an object must be. */
export type Shape = Readonly<Record<string, Check>>;

/** A string. */
export const text: Check = { expected: "a string", fits: (value) => typeof value === "string" };

/** `true` or `false`. */
export const flag: Check = { expected: "a boolean", fits: (value) => typeof value === "boolean" };

/** A number of things. */
export const count: Check = {
  expected: "a whole number that is not negative",
  fits: (value) => Number.isInteger(value) && (value as number) >= 0,
};

/** Anything, if it is there. */
export const anything: Check = { expected: "JSON", fits: () => true };

/** An object, whatever its members. */
export const object: Check = { expected: "an object", fits: isObject };

/** An object whose members are strings. */
export const texts: Check = {
  expected: "an object of strings",
  fits: (value) => isObject(value) && Object.values(value).every(text.fits),
};

/** One of a few strings. */
export function oneOf(names: readonly string[]): Check {
  return {
    expected: `one of ${names.map((name) => `\`${name}\``).join(", ")}`,
    fits: (value) => typeof value === "string" && names.includes(value),
  };
}

/** An object of this shape. */
export function shaped(shape: Shape): Check {
  return {
    expected: "an object of the right shape",
    fits: (value) => isObject(value) && misfit(value, shape) === undefined,
  };
}

/** An array of what fits. */
export function arrayOf(item: Check): Check {
  return {
    expected: `an array, each of which is ${item.expected}`,
    fits: (value) => Array.isArray(value) && value.every((it) => item.fits(it)),
  };
}

/** The same, or absent. */
export function absentOr(check: Check): Check {
  return { ...check, fits: (value) => value === undefined || check.fits(value) };
}

/** The same, or absent, or `null`. */
export function optional(check: Check): Check {
  return { ...check, fits: (value) => value === undefined || value === null || check.fits(value) };
}

/** Whether the value is an object and no array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns what is wrong with the first member that does not fit, if one does not. */
export function misfit(value: Record<string, unknown>, shape: Shape): string | undefined {
  for (const [name, check] of Object.entries(shape)) {
    const member = Object.hasOwn(value, name) ? value[name] : undefined;
    if (!check.fits(member)) {
      return `\`${name}\` must be ${check.expected}`;
    }
  }
  return undefined;
}
