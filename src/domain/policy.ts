import { z } from 'zod';
import { Severity } from './alert.js';

const People = z.array(z.string().min(1));
const RepairKindName = z.enum(['retry', 'schema_evolution', 'config_rollback', 'resource_increase']);

/**
 * policy.yaml. Fail closed: a list that is not set means nobody. Groups are named lists of people;
 * `@group` in an approver list stands for its members.
 */
export const Policy = z.strictObject({
  version: z.literal(1),
  groups: z.record(z.string(), People).default({}),
  approvers: z
    .strictObject({
      /** Who may approve at each risk level. Unset level: nobody. */
      risk: z.strictObject({ trivial: People, low: People, medium: People, high: People }).partial().default({}),
      /** Narrows by kind of repair where set: the person must be in both lists. */
      kind: z.partialRecord(RepairKindName, People).default({}),
    })
    .default({ risk: {}, kind: {} }),
  /** People needed per risk level. High can not go under two. */
  fourEyes: z.strictObject({ high: z.number().int().min(2).max(5).default(2) }).default({ high: 2 }),
  /** Shortest independent check, in characters, for non-trivial risk. */
  minimumCheckLength: z.number().int().min(1).max(200).default(8),
  expiryMinutes: z.number().int().min(1).max(1440).default(60),
  /** Windows in which nothing may be approved: RFC 3339 instants. */
  freezes: z.array(z.strictObject({ from: z.iso.datetime(), to: z.iso.datetime(), reason: z.string() })).default([]),
  /** Highest value a resource increase may set, by config path; a target that is not listed may not be increased. */
  caps: z.record(z.string(), z.number().positive()).default({}),
  /** Config paths (globs with a trailing `*`) that may never be changed by Countersign. */
  protectedTargets: z.array(z.string()).default([]),
  /** Data classes of the inventory that raise the risk by one level where a repair touches or feeds a table that has them. */
  raisingClasses: z.array(z.string().min(1)).default(['pii', 'financial', 'sox', 'regulatory', 'critical']),
  agent: z
    .strictObject({
      maxToolCalls: z.number().int().min(1).max(24).default(12),
      confidenceThreshold: z.number().min(0.5).max(1).default(0.85),
      /** Below this the agent escalates instead of proposing. */
      minimumConfidence: z.number().min(0).max(1).default(0.5),
      dailyBudgetUsd: z.number().min(0).default(20),
    })
    .prefault({}),
  /** Which channel an incident is told in: the first route that fits. An incident that no route fits is on the web page alone. */
  routes: z
    .array(
      z.strictObject({
        /** Of the pipeline; unset fits every owner, also an unknown one. */
        owner: z.string().min(1).optional(),
        severity: z.array(Severity).min(1).optional(),
        /** Channel ids, not names: names are given to other channels. */
        slack: z
          .string()
          .regex(/^[CG][A-Z0-9]{2,20}$/, 'write the channel id, e.g. C0123ABCD')
          .optional(),
        teams: z
          .string()
          .regex(/^19:[\w.-]{5,150}@thread\.(tacv2|skype)$/, 'write the channel id, e.g. 19:abc123@thread.tacv2')
          .optional(),
        /** Who is called by a new message when somebody must decide: a Slack user group (S…) or user (U…). */
        notify: z
          .string()
          .regex(/^[SUW][A-Z0-9]{2,20}$/, 'write the id of a user group or user')
          .optional(),
        /** The same in Teams: one person, by address or by the object id of their account. */
        notifyTeams: z
          .union([z.email(), z.guid()], 'write the address of a person or the object id of their account')
          .optional(),
      }),
    )
    .default([]),
  talk: z
    .strictObject({
      /** Most tool calls that one person may grant to one follow-up question. */
      maxGrant: z.number().int().min(0).max(12).default(4),
    })
    .prefault({}),
  verification: z.strictObject({ timeoutMinutes: z.number().int().min(1).max(720).default(90) }).prefault({}),
});
export type Policy = z.infer<typeof Policy>;
