import { z } from 'zod';
import { lostMachine } from './capacity.js';
import { ourCommits } from './code-change.js';
import type { Context } from './context.js';
import { contractChanges } from './contract.js';
import { grownDemand } from './demand.js';
import { doneAllTheSame } from './desync.js';
import { overdueFeed } from './feed.js';
import { killedProcess } from './killed.js';
import { lateInput } from './late.js';
import { fullQuota, namedPool } from './pools.js';
import type { Finding } from './procedure.js';
import { protocolUpgrades } from './protocol.js';
import { changedSettings } from './settings.js';
import { shapeChanges } from './table-shape.js';
import { collision, throttling } from './transient.js';
import { unreachable } from './unreachable.js';

/** A cause that has to be computed: what a file may give it, and what it finds with that. */
export interface Look {
  with: z.ZodType;
  of(given: unknown): (context: Context) => Finding[];
}

const Words = z.string().transform((source) => new RegExp(source, 'i'));
const Nothing = z.strictObject({});
const Rows = z.strictObject({
  explains: z
    .array(
      z.strictObject({
        families: z.array(z.string()).min(1),
        words: Words,
        moved: z.enum(['down', 'up']).optional(),
        seldom: z.boolean().optional(),
      }),
    )
    .min(1),
});
const LossWords = z.strictObject({ pod_lost: Words, evicted: Words, node_event: Words, node_words: Words });
const DemandFigures = z.strictObject({
  grown: z.number().min(1),
  skewed: z.number().min(1),
  more_files: z.number().min(1),
});
const FeedFigures = z.strictObject({ wait: z.number().int().min(10).max(720), says_when: Words, for_good: Words });
const LateFigures = z.strictObject({ incomplete: z.number().min(0).max(1) });

function look<T>(schema: z.ZodType<T>, find: (context: Context, given: T) => Finding[]): Look {
  return {
    with: schema,
    of: (raw) => {
      const given = schema.parse(raw);
      return (context) => find(context, given);
    },
  };
}

/** The closed list of looks that a procedure's file may name (docs/agent.md). */
export const LOOKS: Readonly<Record<string, Look>> = {
  unreachable: look(Nothing, unreachable),
  protocol_upgrade: look(Nothing, protocolUpgrades),
  contract_change: look(Nothing, contractChanges),
  our_commit: look(Nothing, ourCommits),
  shape_change: look(Nothing, shapeChanges),
  late_input: look(LateFigures, lateInput),
  overdue_feed: look(FeedFigures, overdueFeed),
  done_all_the_same: look(Nothing, doneAllTheSame),
  lost_machine: look(LossWords, lostMachine),
  changed_setting: look(Rows, (context, { explains }) => changedSettings(context, explains)),
  grown_demand: look(DemandFigures, grownDemand),
  full_quota: look(Nothing, fullQuota),
  named_pool: look(Nothing, namedPool),
  throttling: look(Nothing, throttling),
  collision: look(z.strictObject({ wait: z.number().int().min(1).max(1440) }), collision),
  killed_process: look(Nothing, killedProcess),
};
