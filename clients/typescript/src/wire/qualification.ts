// Generated from schemas/qualification.json by `npm run generate`: not to be edited.

/**
 * The judgement of a `Qualification`.
 */
export type Verdict = "success" | "warning" | "failure" | "unknown";

/**
 * What a qualification returns.
 */
export interface Qualification {
  /**
   * Why; required unless the judgement is success.
   */
  message?: string | null;
  /**
   * The judgement.
   */
  result: Verdict;
}
