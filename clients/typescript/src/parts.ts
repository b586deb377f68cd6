// Puts a value together that came in parts.

import { createHash } from "node:crypto";
import { failure } from "./failure.ts";
import { bounded, OutOfBounds } from "./json.ts";
import type { Failure, Part } from "./wire/event.ts";

/** The deepest nesting of a value. */
const MAX_VALUE_DEPTH = 136;

/** The bytes that are set aside when the first part comes. */
const FIRST_BYTES = 64 * 1024;

/** Parts that make no value. */
export class PartsError extends Error {
  override name = "PartsError";
  /** The failure that says so. */
  readonly failure: Failure;

  constructor(reason: Failure) {
    super(reason.message);
    this.failure = reason;
  }
}

/** The parts of a value, so far. */
export class Parts {
  readonly #maxBytes: number;
  // One growing buffer and no list: however small the parts, they take no more than the value.
  #bytes = new Uint8Array(0);
  #length = 0;
  #count = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Takes the next part.
   *
   * @throws {@link PartsError} if it is not the one that is due, or one too many.
   */
  push(part: Part): void {
    if (part.index !== this.#count) {
      throw broken(`part ${part.index} of the value came where part ${this.#count} was due`);
    }
    // Without this, the number of parts would have no bound.
    if (part.data === "") {
      throw broken(`part ${part.index} of the value is empty`);
    }
    const data = new TextEncoder().encode(part.data);
    const bytes = this.#length + data.length;
    if (bytes > this.#maxBytes) {
      throw tooLarge(bytes, this.#maxBytes);
    }
    this.#reserve(bytes);
    this.#bytes.set(data, this.#length);
    this.#length = bytes;
    this.#count += 1;
  }

  /**
   * Returns the text of the value, if it is the one that the result speaks of.
   *
   * @throws {@link PartsError} if it is another, or no JSON.
   */
  finish(count: number, sha256: string): string {
    if (this.#count !== count) {
      throw broken(`the result speaks of ${count} parts, ${this.#count} came`);
    }
    const bytes = this.#bytes.subarray(0, this.#length);
    if (createHash("sha256").update(bytes).digest("hex") !== sha256) {
      throw broken("the parts are not those that the result's SHA-256 speaks of");
    }
    try {
      const text = bounded(bytes, this.#maxBytes, MAX_VALUE_DEPTH);
      JSON.parse(text);
      return text;
    } catch (error) {
      if (error instanceof OutOfBounds || error instanceof SyntaxError) {
        throw broken(`the parts make no JSON text: ${error.message}`);
      }
      throw error;
    }
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#bytes.length) {
      return;
    }
    const doubled = Math.max(bytes, 2 * this.#bytes.length, FIRST_BYTES);
    const larger = new Uint8Array(Math.min(doubled, this.#maxBytes));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

function tooLarge(bytes: number, limit: number): PartsError {
  const message = `the value is larger than ${limit} bytes, the most that this client puts together`;
  return new PartsError(failure("result_too_large", message, { bytes, limit }));
}

function broken(message: string): PartsError {
  return new PartsError(failure("internal", message, { violation: "broken_parts" }));
}
