import { AppError } from '../../src/domain/errors.js';
import type { FactReader, PlatformReaders, PlatformWriters, TableChange } from '../../src/domain/platform-ports.js';
import type { SchemaEvolution } from '../../src/domain/proposal.js';
import type { RepairKey, RepairTool } from '../../src/domain/tool.js';
import { canonicalType } from '../../src/domain/type-widening.js';
import { ABSENT } from '../facts.js';

export interface SchemaEvolutionDeps {
  writers: Pick<PlatformWriters, 'tables' | 'sparkTables' | 'registry'>;
  readers: Pick<PlatformReaders, 'registry'>;
  facts: FactReader;
}

type Looked = 'done' | 'not_done' | 'unknown';

/**
 * Changes a table's shape through an engine, or a subject's newest schema through the registry. Neither takes a key, so what was
 * done is told from the table and the registry themselves.
 */
export function createSchemaEvolutionRepair(deps: SchemaEvolutionDeps): RepairTool<SchemaEvolution> {
  return {
    kind: 'schema_evolution',
    check: (action, key) =>
      action.op === 'set_reader_schema' ? checkSubject(deps, action, key) : checkTable(deps.facts, action),
    apply: (action) =>
      action.op === 'set_reader_schema' ? promote(deps, action) : alter(deps, { ...action, op: action.op }),
  };
}

async function checkTable(facts: FactReader, { table, op, arg }: SchemaEvolution): Promise<Looked> {
  const type = (column: unknown): Promise<string> => facts.read('delta.column_type', `${table}/${String(column)}`);
  switch (op) {
    case 'add_column': {
      const now = await type(arg['name']);
      if (now === ABSENT) return 'not_done';
      return now === canonicalType(String(arg['type'])) ? 'done' : 'unknown';
    }
    case 'rename': {
      const [from, to] = [await type(arg['from']), await type(arg['to'])];
      if (from !== ABSENT && to === ABSENT) return 'not_done';
      return from === ABSENT && to !== ABSENT ? 'done' : 'unknown';
    }
    case 'set_type':
    case 'revert_type': {
      const now = await type(arg['column']);
      if (now === ABSENT) return 'unknown';
      return now === canonicalType(String(arg['type'])) ? 'done' : 'not_done';
    }
    case 'set_property':
      return (await facts.read('delta.property', `${table}/${String(arg['key'])}`)) === String(arg['value'])
        ? 'done'
        : 'not_done';
    case 'add_feature':
    case 'drop_feature': {
      const now = await facts.read('delta.features', table);
      if (now === ABSENT) return 'unknown';
      return now.split(',').includes(String(arg['feature'])) === (op === 'add_feature') ? 'done' : 'not_done';
    }
    case 'set_reader_schema':
      return 'unknown';
  }
}

/** Done when a version newer than the one that was shown holds the wanted schema. */
async function checkSubject(
  { readers }: SchemaEvolutionDeps,
  { table, arg }: SchemaEvolution,
  { step }: RepairKey,
): Promise<Looked> {
  const versions = await readers.registry.versions(table);
  const wanted = versions?.find(({ version }) => version === arg['version']);
  const newest = versions?.[0];
  const shown = step.preconditions.find(({ fact }) => fact === 'registry.latest')?.value;
  if (!wanted || !newest || shown === undefined) return 'unknown';
  if (newest.schema === wanted.schema) return 'done';
  // Newer than shown and not the one wanted: somebody else registered in between.
  return newest.version > Number(shown) ? 'unknown' : 'not_done';
}

async function promote({ writers }: SchemaEvolutionDeps, { table, arg }: SchemaEvolution): Promise<{ detail: string }> {
  const { version } = await writers.registry.promote(table, Number(arg['version']));
  return { detail: `The schema of version ${String(arg['version'])} is version ${version} of ${table} now.` };
}

async function alter({ writers }: SchemaEvolutionDeps, change: TableChange): Promise<{ detail: string }> {
  const plain: TableChange = { table: change.table, op: change.op, arg: change.arg };
  const [engine, writer] = canRender(writers.tables, plain)
    ? ['Trino', writers.tables]
    : ['Spark SQL', writers.sparkTables];
  const { queryId } = await writer.alter(plain);
  return { detail: `${engine} changed ${change.table} (query ${queryId}).` };
}

/** Trino where its connector has the statement, Spark SQL for the rest. */
function canRender(writer: PlatformWriters['tables'], change: TableChange): boolean {
  try {
    writer.render(change);
    return true;
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.kind === 'invalid_input') return false;
    throw thrown;
  }
}
