import type { KnownBlock } from '@slack/types';

/** What we send as one message; channel, thread and metadata are added where it is sent. */
export interface SlackBody {
  /** For notifications and screen readers; at most 4000 characters. */
  text: string;
  /** None in the plain form of a message. */
  blocks?: KnownBlock[];
}
