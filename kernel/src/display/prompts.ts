/** The function `prompt` of every cell. */
export interface Prompt {
  /**
   * Asks for a line of text and waits for it, as in a browser; an empty answer is `fallback`, where there is one.
   * @throws StdinNotAllowed when the client has no way to ask, as in a headless run.
   */
  (message?: string, fallback?: string): string | null;
  /** Asks for a line that is not shown while it is typed. */
  password(message?: string): string;
}
