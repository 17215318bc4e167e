/** One piece of the sentence; a piece with a role is set in that role's colour. */
export interface Phrase {
  readonly text: string;
  readonly role?: 'chosen' | 'rejected' | 'gainer';
}
