// Generated from schemas/event.json by `npm run generate`: not to be edited.

/**
 * What a dispatcher sends to a mailbox.
 */
export type Event =
  | ({
      event: "accepted";
      id: string | null;
    } & Accepted)
  | ({
      event: "progress";
      id: string | null;
    } & Progress)
  | ({
      event: "started";
      id: string | null;
    } & Started)
  | ({
      event: "output";
      id: string | null;
    } & Output)
  | ({
      event: "part";
      id: string | null;
    } & Part)
  | ({
      event: "result";
      id: string | null;
    } & RawResult)
  | {
      event: "heartbeat";
      id: string | null;
    };
/**
 * What is prepared before a function can start.
 */
export type Phase = "pulling" | "unpacking" | "starting";
/**
 * How important a line of output is.
 */
export type Level = "debug" | "info" | "warn" | "error";
/**
 * A standard stream.
 */
export type Stream = "stdout" | "stderr";
/**
 * What went wrong: stable names that programs branch on.
 */
export type FailureCode =
  | "invalid_request"
  | "unsupported_kind"
  | "unsupported_image"
  | "duplicate_id"
  | "overloaded"
  | "expired"
  | "shutting_down"
  | "image_pull_failed"
  | "sandbox_start_failed"
  | "sandbox_lost"
  | "syntax_error"
  | "exception"
  | "invalid_handler"
  | "invalid_result"
  | "result_too_large"
  | "out_of_memory"
  | "disk_full"
  | "too_many_processes"
  | "cpu_exhausted"
  | "timed_out"
  | "cancelled"
  | "runner_exited"
  | "protocol_error"
  | "internal"
  | "no_responders"
  | "dispatcher_lost"
  | "not_accepted"
  | "sequence_gap"
  | "deadline_exceeded"
  | "request_too_large";
/**
 * Who has to change something before the same request can succeed.
 */
export type Origin = "user" | "request" | "system";
/**
 * Whether there is a value or a failure.
 */
export type Status = "success" | "failure";

/**
 * A dispatcher has taken the request.
 */
export interface Accepted {
  /**
   * How often it will be heard at least, in milliseconds.
   */
  heartbeat_ms: number;
  /**
   * Which instance.
   */
  instance: string;
}
/**
 * How far a long preparation is.
 */
export interface Progress {
  /**
   * How much of it is done.
   */
  done: number;
  /**
   * What is being prepared.
   */
  phase: Phase;
  /**
   * How much there is; 0 if that is not known.
   */
  total: number;
}
/**
 * A sandbox has the function.
 */
export interface Started {
  /**
   * What enforces each limit.
   */
  enforced: {
    [k: string]: string;
  };
  /**
   * The engine that made it.
   */
  engine: string;
  /**
   * The sandbox's name on its host.
   */
  sandbox: string;
  /**
   * Whether it had been waiting.
   */
  warm: boolean;
}
/**
 * Something that the function wrote.
 */
export interface Output {
  /**
   * How important it called it; absent for what did not go through `console`
   * or a logger.
   */
  level?: Level | null;
  /**
   * The text, without a final line feed.
   */
  message: string;
  /**
   * Where it wrote.
   */
  stream: Stream;
  /**
   * When, in RFC 3339 with milliseconds; a runner leaves it out.
   */
  timestamp?: string | null;
}
/**
 * A piece of the JSON text of a value too large for one message.
 */
export interface Part {
  /**
   * The piece.
   */
  data: string;
  /**
   * 0 for the first.
   */
  index: number;
}
export interface RawResult {
  /**
   * Why there is no value, if the status is failure.
   */
  failure?: Failure | null;
  /**
   * The digest of the image that ran, where it is known.
   */
  image_digest?: string | null;
  /**
   * How many parts the value came in.
   */
  parts?: number | null;
  /**
   * SHA-256 of the value's JSON text if it came in parts.
   */
  sha256?: string | null;
  status: Status;
  /**
   * Where the time went.
   */
  timings?: Timings;
  /**
   * Whether the function returned nothing.
   */
  unset?: boolean;
  /**
   * What it used.
   */
  usage?: Usage;
  /**
   * The value, if the status is success and it fits into one message.
   */
  value?: unknown;
}
/**
 * Why an execution has no value.
 */
export interface Failure {
  /**
   * What went wrong.
   */
  code: FailureCode;
  /**
   * Figures and positions, by code.
   */
  details?: {
    [k: string]: unknown;
  };
  /**
   * The same for a person, at most 8 KiB.
   */
  message: string;
  /**
   * Who has to change something.
   */
  origin: Origin;
  /**
   * Whether the same request may succeed if it is sent again.
   */
  retryable: boolean;
}
/**
 * Where the time went, in microseconds, from intake to the hand-over of the
 * result. The phases add up to the total.
 */
export interface Timings {
  /**
   * Connecting to its cyclone.
   */
  connect_us?: number;
  /**
   * Executing the function.
   */
  execute_us?: number;
  /**
   * From the end of the execution to the hand-over of the result.
   */
  hand_over_us?: number;
  /**
   * Preparing the image.
   */
  image_us?: number;
  /**
   * Waiting for a place.
   */
  queued_us?: number;
  /**
   * Waiting for its runner.
   */
  ready_us?: number;
  /**
   * Starting the sandbox, or taking a waiting one.
   */
  sandbox_us?: number;
  /**
   * All of it.
   */
  total_us?: number;
}
/**
 * What an execution used.
 */
export interface Usage {
  /**
   * Processor time, in milliseconds.
   */
  cpu_ms?: number;
  /**
   * The most memory at once, in bytes, where it is known.
   */
  memory_peak_bytes?: number | null;
  /**
   * Bytes of output messages that the function wrote, as far as they were counted.
   */
  output_bytes?: number;
  /**
   * Whether output beyond the limit was cut.
   */
  output_truncated?: boolean;
}
