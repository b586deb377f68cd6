// Generated from schemas/code_generation.json by `npm run generate`: not to be edited.

/**
 * What a code generation returns.
 */
export interface CodeGeneration {
  /**
   * The code.
   */
  code: string;
  /**
   * The language or format of the code, such as `yaml`.
   */
  format: string;
}
