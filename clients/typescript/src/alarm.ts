// Waiting for a time, or for somebody who says that something has changed.

import { clearTimeout, setImmediate, setTimeout } from "node:timers";

/** The longest time that a timer can be set to, in milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The time on a clock that nobody sets, in milliseconds. */
export function clock(): number {
  return performance.now();
}

/**
 * What one waiter sleeps on. Whoever is woken looks at the state of things and decides whether to
 * sleep again: a ring says no more than that something may have changed.
 */
export class Alarm {
  #wake: (() => void) | undefined;

  /** Wakes the waiter, if there is one. */
  ring(): void {
    this.#wake?.();
  }

  /** Sleeps until `at`, or until the alarm rings; perhaps shorter. */
  async sleepUntil(at: number): Promise<void> {
    const ms = Math.min(Math.max(at - clock(), 0), LONGEST_TIMER_MS);
    await new Promise<void>((resolve) => {
      // When a busy process comes to its timers, what has arrived meanwhile is not read yet. One
      // round more and it is, so that it counts before the silence does.
      const timer = setTimeout(() => setImmediate(resolve), ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}
