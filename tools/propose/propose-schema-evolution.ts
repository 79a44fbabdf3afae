import { z } from 'zod';
import { clipped } from '../../src/domain/clipped.js';
import type { DeltaTable } from '../../src/domain/platform-ports.js';
import { type ProposalStep, type SchemaEvolution, SchemaOperation } from '../../src/domain/proposal.js';
import { schemaAfter, schemaTitle } from '../../src/domain/step-text.js';
import type { ProposeTool, ToolContext } from '../../src/domain/tool.js';
import { schemaDigest } from '../facts.js';
import { datasetsOf, similar, tableNames } from '../resolve.js';
import { protectedFault, type Refusal, stillHolds } from './drafting.js';
import { draftReaderSchema } from './reader-schema.js';
import { readArgument } from './schema-arguments.js';
import { tableChange } from './table-change.js';

const Args = z.strictObject({
  table: z.string().min(1).max(250).describe('schema.table, or the registry subject for set_reader_schema'),
  op: SchemaOperation,
  arg: z
    .record(z.string().max(100), z.union([z.string().max(500), z.number(), z.boolean()]))
    .describe(
      'add_column {name,type,comment?}; rename {from,to}; set_type or revert_type {column,type}; set_property {key,value}; add_feature or drop_feature {feature}; set_reader_schema {version}',
    ),
});

/** One change of a table's shape, additive or widening; destructive ones are refused. */
export const proposeSchemaEvolution: ProposeTool<typeof Args> = {
  name: 'propose_schema_evolution',
  version: '1',
  description:
    'Drafts one step: change the shape of a Delta table, or make an earlier registry schema the newest. Types may only widen or go back to what the history ' +
    'shows; nothing is ever dropped. One change a call; several calls make a plan. Nothing is changed by drafting.',
  args: Args,
  readOnly: true,
  async draft(args, context) {
    const checked = readArgument(args.op, args.arg);
    if ('refused' in checked) return checked;
    const action: SchemaEvolution = { do: 'schema_evolution', table: args.table, op: args.op, arg: checked.arg };
    return args.op === 'set_reader_schema' ? draftReaderSchema(action, context) : draftTableChange(action, context);
  },
};

async function draftTableChange(
  asked: SchemaEvolution,
  context: ToolContext,
): Promise<{ step: ProposalStep } | Refusal> {
  const table = await findTable(asked.table, context);
  if ('refused' in table) return table;
  const fault = protectedFault(context.policy, [table.table, `delta:${table.table}`]);
  if (fault !== undefined) return { refused: fault };
  const change = tableChange(asked, table);
  if ('refused' in change) return change;
  const action = { ...asked, table: table.table, arg: change.arg };
  return {
    step: {
      action,
      title: schemaTitle(action),
      before: clipped(change.before, 4000),
      after: clipped(schemaAfter(action), 4000),
      effects: change.effects.map((text) => clipped(text, 300)),
      idempotency: 'idempotent',
      restorePoint: `${table.table} at version ${table.version}`,
      touches: [table.table],
      preconditions: [
        stillHolds(
          'delta.schema',
          table.table,
          schemaDigest(table.columns),
          `The columns of ${table.table} are those of version ${table.version}`,
        ),
        ...change.preconditions,
      ],
      verification: change.verification,
    },
  };
}

async function findTable(name: string, { readers, inventory, signal }: ToolContext): Promise<DeltaTable | Refusal> {
  const known = datasetsOf(inventory);
  for (const candidate of tableNames(inventory, name)) {
    const table = await readers.delta.table(candidate, 50, signal);
    if (!table) continue;
    if (known.includes(table.table)) return table;
    if (known.includes(candidate)) return { ...table, table: candidate };
    return {
      refused: `${candidate} is in no pipeline of the inventory: who reads it is not known, so a person has to change it.`,
    };
  }
  const near = similar(name, known);
  return { refused: `There is no Delta table ${name}${near.length > 0 ? `; similar: ${near.join(', ')}` : ''}.` };
}
