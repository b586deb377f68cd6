// Generated from schemas/action.json by `npm run generate`: not to be edited.

/**
 * How an `Action` went.
 */
export type Status = "ok" | "warning" | "error";

/**
 * What an action returns.
 */
export interface Action {
  /**
   * What was not as it should be; required unless it went well, and then forbidden.
   */
  message?: string | null;
  /**
   * Whatever the action has to say to the program that called it.
   */
  payload?: unknown;
  /**
   * How it went.
   */
  status: Status;
}
