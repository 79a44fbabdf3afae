import { z } from 'zod';
import { Category, Change } from '../../domain/diagnosis.js';

const Id = z.string().regex(/^[a-z][a-z0-9_]*$/, 'lower-case letters, digits and _');
const Pattern = z.string().refine(compiles, 'a regular expression that compiles');
const Patterns = z.union([Pattern, z.array(Pattern).min(1)]);
const Template = z.string().min(1).max(400);

function compiles(text: string): boolean {
  try {
    return new RegExp(text).source !== '';
  } catch {
    return false;
  }
}

/** What must hold of one field of a record. */
const FieldCondition = z.union([
  z.string(),
  z.strictObject({ equals: z.string() }),
  z.strictObject({ matches: Pattern }),
  z.strictObject({ at_least: z.number() }),
]);

/** Only while one of these families is raised, these situations hold, and none of those in `not`. */
const When = z.strictObject({
  family: z.array(Id).optional(),
  is: z.array(Id).optional(),
  not: z.array(Id).optional(),
  /** The error text says so. */
  says: Patterns.optional(),
});

/** When a record must have happened, as to the failure. */
const Within = z.union([z.literal('since_last_good'), z.strictObject({ minutes: z.number().positive().max(43_200) })]);

export const QuestionFile = z.strictObject({
  tool: z.enum([
    'airflow_dag_status',
    'spark_job_logs',
    'delta_history',
    'schema_registry_diff',
    'git_blame',
    'kyuubi_query_plan',
    'metric_query',
  ]),
  args: z.record(Id, Template),
  thought: Template,
  /** Asked once for each of these; `{each}` stands for it. */
  for_each: Id.optional(),
  most: z.number().int().min(1).max(5).default(1),
  when: When.optional(),
});

/** How to mend it. The first whose condition holds counts. */
const Repair = z.union([
  z.strictObject({ when: When.optional(), hand_over: Template }),
  z.strictObject({
    when: When.optional(),
    retry: z.literal(true),
    after_minutes: z.number().int().min(0).max(1440).default(0),
  }),
  /** More of what ran out: the setting that the levers of families.yaml name, within its cap. */
  z.strictObject({ when: When.optional(), raise: Template }),
  z.strictObject({
    when: When.optional(),
    steps: z
      .array(
        z.strictObject({
          tool: z.enum(['propose_config_rollback', 'propose_resource_increase', 'propose_schema_evolution']),
          args: z.record(Id, z.union([Template, z.record(Id, Template)])),
          thought: Template,
        }),
      )
      .min(1)
      .max(4),
  }),
]);

/** A cause that a record or an error line confirms by itself. */
export const CauseFile = z.strictObject({
  when: When.optional(),
  /** The error line of one of these families … */
  signal: z.array(Id).min(1).optional(),
  /** … or a record of an answer, as `tool#kind`. */
  record: z
    .string()
    .regex(/^[a-z_]+#[a-z_]+$/, '<tool>#<record>')
    .optional(),
  where: z.record(Id, FieldCondition).default({}),
  within: Within.optional(),
  /** Names to read out of the error text: the first pattern that meets it, its first group. */
  read: z.record(Id, Patterns).default({}),
  category: Category,
  /** `component:path`; of several, the first of which all names are known. */
  entity: z.union([Template, z.array(Template).min(1)]),
  change: Change,
  claim: Template,
  /** A record that names what the error names; a change of the kind that explains it; or what is left over. */
  confirmed_by: z.enum(['record', 'kind', 'elimination']),
  explains: z.array(Id).min(1),
  shows: Template,
  /** A further record to quote. */
  beside: z
    .strictObject({ record: z.string().regex(/^[a-z_]+#[a-z_]+$/), within: Within.optional(), shows: Template })
    .optional(),
  repair: z.array(Repair).min(1),
});

/** A cause that needs computing: a look by name, from the closed list, with its figures and words. */
export const LookFile = z.strictObject({
  look: Id,
  when: When.optional(),
  with: z.record(Id, z.unknown()).default({}),
});

export const ProcedureFile = z.strictObject({
  id: Id,
  title: z.string().min(3).max(200),
  /** Families of error that raise it; `any` is raised when an error has no known family. */
  raised_by: z.array(Id).min(1),
  hypothesis: Template,
  /** Followed as well for tasks that wait behind the one that failed. */
  for_waiting_tasks: z.boolean().default(false),
  ask: z.array(QuestionFile).default([]),
  causes: z.array(z.union([LookFile, CauseFile])).default([]),
  /** Why it is not this, once nothing was found: the first whose condition holds. */
  ruled_out: z.array(z.strictObject({ when: When.optional(), why: Template })).default([]),
  /** What a person should know that this procedure can not tell. */
  unsure: z.string().max(300).optional(),
});
export type ProcedureFile = z.infer<typeof ProcedureFile>;
export type CauseFile = z.infer<typeof CauseFile>;
export type QuestionFile = z.infer<typeof QuestionFile>;
export type When = z.infer<typeof When>;
export type Within = z.infer<typeof Within>;
export type FieldCondition = z.infer<typeof FieldCondition>;
export type RepairFile = CauseFile['repair'][number];

export const FamiliesFile = z.strictObject({
  families: z.array(z.strictObject({ family: Id, tokens: z.array(Pattern).min(1) })).default([]),
  columns: z.array(Pattern).default([]),
  /** Settings to raise for what ran out: the first whose `says` meets the error and whose `words` meet a setting. */
  levers: z
    .array(
      z.strictObject({ says: Pattern.optional(), words: Pattern, not: Pattern.optional(), also: Pattern.optional() }),
    )
    .default([]),
});
export type FamiliesFile = z.infer<typeof FamiliesFile>;
