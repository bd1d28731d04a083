/** What the auth stage tells of itself. */
export interface AuthFigures {
  /**
   * A token was to be validated at Keystone. `failed`: Keystone could not say; `limited`: it was not asked, since too many
   * unknown tokens came from the address.
   */
  validated(outcome: 'valid' | 'refused' | 'failed' | 'limited'): void;
}

export const NO_AUTH_FIGURES: AuthFigures = { validated: () => {} };
