// What a caller asks for, checked as far as it can be here; the rest is the dispatchers' to refuse.

import { failure, truncated } from "./failure.ts";
import { IMAGE_FORM, isImage, isTag, TAG_FORM } from "./image.ts";
import { sumMs } from "./options.ts";
import { isObject } from "./shape.ts";
import { isExecutionId } from "./subjects.ts";
import type { Failure } from "./wire/event.ts";
import type { Kind, RemoteFunctionRequest, Replies } from "./wire/remote_function_request.ts";

const KINDS: readonly Kind[] = [
  "resolver",
  "qualification",
  "validation",
  "code_generation",
  "action",
];

const MAX_HANDLER_BYTES = 256;
const MAX_ENV_VARIABLES = 256;
const MAX_ENV_NAME_BYTES = 256;

/** How long a function may run if the request does not say, as dispatchers have it by default. */
const DEFAULT_TIMEOUT_MS = 30_000;

/** How long a request may wait if it does not say. */
const DEFAULT_QUEUE_TIMEOUT_MS = 10_000;

/** A request that is refused before anything is sent. */
export class RequestError extends Error {
  override name = "RequestError";
  /** The failure that says so. */
  readonly failure: Failure;

  constructor(reason: Failure) {
    super(reason.message);
    this.failure = reason;
  }
}

/** A request as it was when the call was made: what its maker changes later changes nothing. */
export class PreparedRequest {
  readonly kind: Kind;
  readonly replies: Replies;
  /** The id that the caller chose. */
  readonly id: string | undefined;
  /** How long it may wait and run, in milliseconds. */
  readonly allowedMs: number;
  /** Its text, of which the id is left out. */
  readonly #text: string;

  /** @throws {@link RequestError} if it is wrong in a way that can be known here. */
  constructor(request: RemoteFunctionRequest) {
    checkRequest(request);
    const { id, queue_timeout_ms, timeout_ms } = request;
    this.kind = request.kind;
    this.replies = request.replies ?? "events";
    this.id = id ?? undefined;
    const queued = queue_timeout_ms ?? DEFAULT_QUEUE_TIMEOUT_MS;
    this.allowedMs = sumMs(queued, timeout_ms ?? DEFAULT_TIMEOUT_MS);
    this.#text = written({ ...request, id: undefined });
  }

  /** Returns the request as JSON, with an id. */
  withId(id: string): string {
    return `{"id":"${id}",${this.#text.slice(1)}`;
  }
}

function written(request: unknown): string {
  try {
    return JSON.stringify(request);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new RequestError(failure("invalid_request", `the request is no JSON: ${problem}`));
  }
}

function checkRequest(request: RemoteFunctionRequest): void {
  if (!isObject(request)) {
    throw new RequestError(failure("invalid_request", "the request must be an object"));
  }
  checkKind(request.kind);
  const { id, container_image: image, container_tag: tag, code, handler, replies } = request;
  check(
    "id",
    isAbsent(id) || (typeof id === "string" && isExecutionId(id)),
    () => "must be 1 to 128 of `A-Z`, `a-z`, `0-9`, `_` and `-`",
  );
  check("container_image", typeof image === "string" && isImage(image), () => IMAGE_FORM);
  check(
    "container_tag",
    tag === undefined || (typeof tag === "string" && isTag(tag)),
    () => TAG_FORM,
  );
  check("code", typeof code === "string", () => "must be a string");
  check(
    "handler",
    isAbsent(handler) || isHandler(handler),
    () => `must be the name of an export, 1 to ${MAX_HANDLER_BYTES} bytes long`,
  );
  check(
    "replies",
    replies === undefined || replies === "events" || replies === "result",
    () => "must be `events` or `result`",
  );
  const { kind, response_type: responseType = "any" } = request;
  check(
    "response_type",
    kind === "resolver" || responseType === "any",
    () => `is for resolvers only, this is a ${kind}`,
  );
  for (const field of ["timeout_ms", "queue_timeout_ms"] as const) {
    const ms = request[field];
    check(
      field,
      isAbsent(ms) || (Number.isSafeInteger(ms) && ms >= 0),
      () => "must be a whole number of milliseconds",
    );
  }
  const cpus = isObject(request.limits) ? request.limits["cpus"] : undefined;
  check(
    "limits.cpus",
    isAbsent(cpus) || (Number.isFinite(cpus) && Number(cpus) > 0),
    () => "must be a number over 0",
  );
  checkEnv(request.env);
}

function checkKind(kind: unknown): void {
  check("kind", typeof kind === "string", () => "must be a string");
  if (!KINDS.includes(kind as Kind)) {
    const named = truncated(String(kind), 64);
    const message = `\`${named}\` is no kind of function; there are ${KINDS.join(", ")}`;
    throw new RequestError(failure("unsupported_kind", message, { kind: named }));
  }
}

function checkEnv(env: unknown): void {
  if (env === undefined) {
    return;
  }
  check("env", isObject(env), () => "must be an object of strings");
  const variables = Object.entries(env as Record<string, unknown>);
  check(
    "env",
    variables.length <= MAX_ENV_VARIABLES,
    () => `must have at most ${MAX_ENV_VARIABLES} variables, got ${variables.length}`,
  );
  for (const [name, value] of variables) {
    const isNamed =
      name !== "" &&
      byteLength(name) <= MAX_ENV_NAME_BYTES &&
      !name.includes("=") &&
      !name.includes("\0");
    check(
      "env",
      isNamed,
      () => `must have names of 1 to ${MAX_ENV_NAME_BYTES} bytes without \`=\``,
    );
    check(
      `env.${name}`,
      typeof value === "string" && !value.includes("\0"),
      () => "must be a string without NUL characters",
    );
  }
}

function isHandler(handler: unknown): boolean {
  return (
    typeof handler === "string" &&
    handler !== "" &&
    byteLength(handler) <= MAX_HANDLER_BYTES &&
    !handler.includes("\0")
  );
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

function check(field: string, isRight: boolean, problem: () => string): void {
  if (!isRight) {
    throw new RequestError(failure("invalid_request", `\`${field}\` ${problem()}`, { field }));
  }
}
