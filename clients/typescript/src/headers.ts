// What a caller may send beside the request.

import { InvalidOptionError } from "./invalid.ts";

/** The number of an event in its execution: 1, 2, 3 … */
export const SEQUENCE_HEADER = "Veritech-Sequence";

/** The longest `tracestate`, as W3C asks for at least. */
const MAX_TRACESTATE_BYTES = 512;

/** The longest name of a tenant. */
const MAX_TENANT_BYTES = 128;

/**
 * A trace that executions are to belong to, as {@link https://www.w3.org/TR/trace-context/ | W3C}
 * writes it.
 */
export interface TraceContext {
  /** `<version>-<trace id>-<parent id>-<flags>` in lower-case hexadecimal. */
  readonly traceparent: string;
  /** 1 to 512 printable ASCII characters. */
  readonly tracestate?: string;
}

/** A name and a value. */
export type Header = readonly [name: string, value: string];

/**
 * Returns the headers that carry a trace and a tenant.
 *
 * @throws {@link InvalidOptionError} if a header cannot hold one of them.
 */
export function requestHeaders(
  trace: TraceContext | undefined,
  tenant: string | undefined,
): Header[] {
  const headers: Header[] = [];
  if (trace !== undefined) {
    const { traceparent, tracestate } = trace;
    if (typeof traceparent !== "string" || !isTraceparent(traceparent)) {
      const form = "`<version>-<trace id>-<parent id>-<flags>` in lower-case hexadecimal";
      throw new InvalidOptionError("trace.traceparent", form);
    }
    headers.push(["traceparent", traceparent]);
    if (tracestate !== undefined) {
      if (!isLine(tracestate, MAX_TRACESTATE_BYTES)) {
        throw new InvalidOptionError("trace.tracestate", "1 to 512 printable ASCII characters");
      }
      headers.push(["tracestate", tracestate]);
    }
  }
  if (tenant !== undefined) {
    if (!isLine(tenant, MAX_TENANT_BYTES)) {
      throw new InvalidOptionError("tenant", "1 to 128 printable ASCII characters");
    }
    headers.push(["Veritech-Tenant", tenant]);
  }
  return headers;
}

/** Returns how many bytes of a message the headers are. */
export function headerBytes(headers: readonly Header[]): number {
  if (headers.length === 0) {
    return 0;
  }
  // `NATS/1.0` and its line end, each as `name: value` and a line end, and the line end after them.
  return headers.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 12);
}

function isLine(text: unknown, maxBytes: number): boolean {
  return typeof text === "string" && text.length <= maxBytes && /^[ -~]+$/.test(text);
}

function isTraceparent(text: string): boolean {
  return /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(text);
}
