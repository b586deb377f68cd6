// One call, as the caller sees it.

import { cancel, type Cancellation } from "./control.ts";
import { Driver, type Emission, type Orders } from "./driver.ts";
import { CallAbandonedError, CallError, type CallResult } from "./outcome.ts";
import type { Event } from "./wire/event.ts";

/**
 * A call under way: the events of it, of which the last is the one result.
 *
 * The events are those of the dispatcher as they come, heartbeats and parts included. Where an
 * attempt fails and another is made, its result is left out and the events of the next follow: more
 * than one `accepted` means just that. A failure that the client finds itself is a result event like
 * any other, so that the events always end with exactly one. An event of a later version of the
 * protocol has an `event` that {@link Event} does not name.
 *
 * Nothing is sent before the first event, or the {@link result}, is asked for. A call makes progress
 * while somebody asks for its next event, and only then: ask at least every few seconds. Leaving the
 * loop early gives the call up: its mailbox is released and nothing is cancelled; the execution then
 * goes on or ends, as its request's `on_caller_lost` says. To end the execution use {@link cancel}.
 *
 * @example
 * ```ts
 * const call = client.call(request);
 * for await (const event of call) {
 *   if (event.event === "output") {
 *     console.error(event.message);
 *   }
 * }
 * const { value } = await call.result();
 * ```
 */
export class Call implements AsyncIterableIterator<Event> {
  readonly #orders: Orders;
  readonly #driver: Driver;
  readonly #emissions: AsyncGenerator<Emission, void>;
  #outcome: CallResult | CallError | undefined;

  /** @internal */
  constructor(orders: Orders) {
    this.#orders = orders;
    this.#driver = new Driver(orders);
    this.#emissions = this.#driver.run(() => {
      // The result tells what came of it.
      this.cancel().catch(() => undefined);
    });
  }

  /**
   * The id of the execution. An id that the request came with stays; otherwise each attempt draws its
   * own, so that it cannot collide with what is left of the one before.
   */
  get id(): string {
    return this.#driver.id;
  }

  /** How many attempts have been made, the current one included. */
  get attempts(): number {
    return this.#driver.attempts;
  }

  /** Waits for the next event. */
  async next(): Promise<IteratorResult<Event, undefined>> {
    const next = await this.#emissions.next();
    if (next.done === true) {
      return { done: true, value: undefined };
    }
    this.#outcome ??= next.value.outcome;
    return { done: false, value: next.value.event };
  }

  /** Gives the call up, as leaving a loop early does; the same as {@link close}. */
  async return(): Promise<IteratorResult<Event, undefined>> {
    await this.close();
    return { done: true, value: undefined };
  }

  /** Returns the call itself: its events are there once. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /**
   * Waits for the end of the call, leaving out what events are unread. It may be asked for more than
   * once, and need not be waited for.
   *
   * @throws {@link CallError} if the function has not returned.
   * @throws {@link CallAbandonedError} if the call was given up before.
   */
  result(): Promise<CallResult> {
    const result = this.#readToEnd();
    // Whoever does not look at the result does not want the process to end for it.
    result.catch(() => undefined);
    return result;
  }

  /**
   * Cancels the call: asks the dispatcher to end the execution, and makes no further attempt. Says
   * what the dispatcher has answered within two seconds.
   *
   * The result still has to be read. It is the failure `cancelled`, unless another one was quicker.
   *
   * @throws {@link ControlError} if the dispatchers could not be asked.
   */
  async cancel(): Promise<Cancellation> {
    this.#driver.cancel();
    return cancel(this.#orders.connection, this.#orders.settings, this.#driver.id);
  }

  /** Gives the call up: releases its mailbox, and cancels nothing. */
  async close(): Promise<void> {
    this.#driver.abandon();
    await this.#emissions.return();
  }

  /** The same as {@link close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #readToEnd(): Promise<CallResult> {
    while (this.#outcome === undefined) {
      const { done } = await this.next();
      if (done === true && this.#outcome === undefined) {
        throw new CallAbandonedError();
      }
    }
    if (this.#outcome instanceof CallError) {
      throw this.#outcome;
    }
    return this.#outcome;
  }
}
