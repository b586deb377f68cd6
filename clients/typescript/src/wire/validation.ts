// Generated from schemas/validation.json by `npm run generate`: not to be edited.

/**
 * What a validation returns.
 */
export interface Validation {
  /**
   * Why not; required when it is not.
   */
  message?: string | null;
  /**
   * Whether it is valid.
   */
  valid: boolean;
}
