// What is wrong with an option.

/** An option that a client or a call cannot be used with. */
export class InvalidOptionError extends TypeError {
  override name = "InvalidOptionError";
  /** Which, as a path such as `backoff.firstMs`. */
  readonly option: string;
  /** What it must be. */
  readonly expected: string;

  /** @internal */
  constructor(option: string, expected: string) {
    super(`\`${option}\` must be ${expected}`);
    this.option = option;
    this.expected = expected;
  }
}
