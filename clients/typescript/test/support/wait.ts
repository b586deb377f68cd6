// Waiting for a condition.

import { setTimeout as sleep } from "node:timers/promises";

/** How long a condition may take on a machine that is busy, in milliseconds. */
export const LIMIT_MS = 20_000;

/** Waits until `look` sees something, and returns it. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const end = performance.now() + LIMIT_MS;
  while (performance.now() < end) {
    const seen = await look();
    if (seen !== undefined) {
      return seen;
    }
    await sleep(5);
  }
  throw new Error(`no ${what} within ${LIMIT_MS} ms`);
}

/** Waits until the clock, which nothing else depends on, has gone on by so much. */
export async function timePasses(ms: number): Promise<void> {
  const end = performance.now() + ms;
  await eventually("later time", () => performance.now() >= end || undefined);
}
