/** What a login could do beyond reading, found out without doing it. */
export interface WriteRight {
  may: 'refused' | 'allowed' | 'unknown';
  /** Our own words, for the operator: what was tried, and what it means. */
  words: string;
}

/** A name that nothing has: probes are aimed at it, so that even a login that may do everything changes nothing. */
export const NOTHING = 'countersign-doctor';
