// Generated from schemas/remote_function_request.json by `npm run generate`: not to be edited.

/**
 * Names one execution: 1 to 128 of `A-Z`, `a-z`, `0-9`, `_` and `-`.
 *
 * It is a capability: whoever knows it may cancel the execution. Draw it at
 * random.
 */
export type ExecutionId = string;
/**
 * What a function is for, and so what it must return.
 */
export type Kind = "resolver" | "qualification" | "validation" | "code_generation" | "action";
/**
 * The language of a function's source.
 */
export type Language = "javascript" | "typescript" | "python";
/**
 * What a function can reach.
 */
export type Network = "none" | "egress";
/**
 * What happens when nobody reads the mailbox any more.
 */
export type OnCallerLost = "finish" | "cancel";
/**
 * Which events the mailbox gets.
 */
export type Replies = "events" | "result";
/**
 * The type that a resolver's value must have.
 *
 * `null` fits `Any` only; a value that is not set fits every type.
 */
export type ResponseType = "any" | "string" | "integer" | "number" | "boolean" | "object" | "array";

/**
 * A function to execute: its kind, code, inputs, and the image to run it in.
 */
export interface RemoteFunctionRequest {
  /**
   * The function's source.
   */
  code: string;
  /**
   * The OCI name of the image to run it in.
   */
  container_image: string;
  /**
   * The image's tag, or digest `sha256:…`.
   */
  container_tag?: string;
  /**
   * Variables to set inside the language before the code loads.
   */
  env?: {
    [k: string]: string;
  };
  /**
   * The export to call; the default one if absent (Python: `handler`).
   */
  handler?: string | null;
  /**
   * Names the execution; the dispatcher draws one if it is absent.
   */
  id?: ExecutionId | null;
  /**
   * The handler's first argument: any JSON.
   */
  inputs?: unknown;
  /**
   * What the function is for; equals the last token of the subject.
   */
  kind: Kind;
  /**
   * The language of the source; the image's own if absent.
   */
  language?: Language | null;
  /**
   * What the function may use.
   */
  limits?: RequestedLimits;
  /**
   * What the function can reach.
   */
  network?: Network;
  /**
   * What happens when nobody reads the mailbox any more.
   */
  on_caller_lost?: OnCallerLost;
  /**
   * How long the request may wait for a sandbox, in milliseconds.
   */
  queue_timeout_ms?: number | null;
  /**
   * Which events the mailbox gets.
   */
  replies?: Replies;
  /**
   * The type that a resolver's value must have.
   */
  response_type?: ResponseType;
  /**
   * How long the function may run, in milliseconds.
   */
  timeout_ms?: number | null;
}
/**
 * What a function may use. Each limit that is absent has a configured default.
 */
export interface RequestedLimits {
  /**
   * Processor time, in milliseconds.
   */
  cpu_time_ms?: number | null;
  /**
   * Processors, such as `0.5` or `2`.
   */
  cpus?: number | null;
  /**
   * Bytes of scratch files.
   */
  disk_bytes?: number | null;
  /**
   * Memory of everything in the sandbox, in bytes.
   */
  memory_bytes?: number | null;
  /**
   * Bytes of output; more is cut.
   */
  output_bytes?: number | null;
  /**
   * Processes and threads at once.
   */
  processes?: number | null;
  /**
   * Bytes of the value's JSON text.
   */
  result_bytes?: number | null;
}
