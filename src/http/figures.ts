/** What the HTTP layer tells of itself, and of the operations that it was asked for. */
export interface HttpFigures {
  /** `route` is the pattern that matched, never the address; null where none did. */
  request(method: string, route: string | null, status: number): void;
  /**
   * An operation was answered. `kind` is null where no operation could be made out; `codes` are the distinct codes of its
   * errors; `partial`: there is data beside errors.
   */
  operation(kind: string | null, codes: readonly string[], partial: boolean, seconds: number): void;
  /** A document was refused by one of the limits on queries, by its name in the documentation. */
  refused(limit: string): void;
}

const nothing = (): void => {};

export const NO_HTTP_FIGURES: HttpFigures = { request: nothing, operation: nothing, refused: nothing };
