// The NATS subjects that callers and dispatchers meet on.

import type { Kind } from "./wire/remote_function_request.ts";

/** Where every instance of the dispatcher answers how it does (NATS ADR-32). */
export const STATS_SUBJECT = "$SRV.STATS.veritech";

/** The longest prefix of a subject, in bytes. */
const MAX_PREFIX_BYTES = 128;

/** Whether the text names an execution. Anything else could widen a subject. */
export function isExecutionId(id: string): boolean {
  return /^[A-Za-z0-9_-]{1,128}$/.test(id);
}

/** Whether subjects can start with `prefix`, and no more than themselves is meant; empty means none. */
export function isSubjectPrefix(prefix: string): boolean {
  return (
    prefix.length <= MAX_PREFIX_BYTES && /^(?:[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)?$/.test(prefix)
  );
}

/** Whether the subjects of mailboxes can start with `prefix`. */
export function isInboxPrefix(prefix: string): boolean {
  const isToken = (token: string) => /^[!-~]+$/.test(token) && !/[*>]/.test(token);
  return prefix.length <= MAX_PREFIX_BYTES && prefix.split(".").every(isToken);
}

/** The subject of requests of one kind. */
export function functionSubject(prefix: string, kind: Kind): string {
  return `${start(prefix)}veritech.function.${kind}`;
}

/** The subject that cancels one execution. */
export function cancelSubject(prefix: string, id: string): string {
  return `${start(prefix)}veritech.control.cancel.${id}`;
}

/** Draws the subject of a new mailbox. */
export function drawInbox(prefix: string): string {
  return `${prefix}.${crypto.randomUUID().replaceAll("-", "")}`;
}

function start(prefix: string): string {
  return prefix === "" ? "" : `${prefix}.`;
}
