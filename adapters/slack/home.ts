import type { HomeView } from '@slack/types';
import type { Digest, IncidentSummary } from '../../src/domain/card.js';

/** Address of an incident's thread in Slack, where it is known. */
export type LinkTo = (incident: string) => string | undefined;

export interface HomeArgs {
  /** Who looks at it; undefined when Slack's user could not be matched to a person of the policy. */
  person: string | undefined;
  waiting: readonly IncidentSummary[];
  open: readonly IncidentSummary[];
  /** This week. */
  digest: Digest;
  now: Date;
  /** Without an address the button carries `ACTION.openThread` and the incident. */
  linkTo?: LinkTo;
}

/** The App Home of one person: what waits for them, what is open, this week's numbers. */
export declare function homeView(args: HomeArgs): HomeView;
