import { parseColumnType } from '../../src/domain/column-type.js';
import { AppError } from '../../src/domain/errors.js';
import type { DeltaColumn, DeltaTable } from '../../src/domain/platform-ports.js';
import type { Expectation, SchemaEvolution } from '../../src/domain/proposal.js';
import { canonicalType, isWidening } from '../../src/domain/type-widening.js';
import { type Refusal, stillHolds, willHold } from './drafting.js';
import type { SchemaArg } from './schema-arguments.js';

/** What one change means for this table as it is now. */
export interface TableChangeDraft {
  arg: SchemaArg;
  before: string;
  effects: string[];
  preconditions: Expectation[];
  verification: Expectation[];
}
type Draft = TableChangeDraft | Refusal;

/** How long an engine's commit may take to show in the log. */
const SHOWS_WITHIN = 300;
/** Properties that guard data or protocol: lowering or removing them loses history or breaks readers. */
const FORBIDDEN = /^delta\.(?:minReaderVersion|minWriterVersion|feature\.|constraints\.|appendOnly$|invariants)/i;
const RETENTION = /^delta\.(?:logRetentionDuration|deletedFileRetentionDuration|setTransactionRetentionDuration)$/i;

/** Checks one change against the table and says what it does; refuses what would lose data or can not work. */
export function tableChange(action: SchemaEvolution, table: DeltaTable): Draft {
  const { arg } = action;
  const text = (key: string): string => String(arg[key] ?? '');
  switch (action.op) {
    case 'add_column':
      return addColumn(arg, text('name'), text('type'), table);
    case 'rename':
      return rename(arg, text('from'), text('to'), table);
    case 'set_type':
      return setType(arg, text('column'), text('type'), table);
    case 'revert_type':
      return revertType(arg, text('column'), text('type'), table);
    case 'set_property':
      return setProperty(text('key'), text('value'), table);
    case 'add_feature':
    case 'drop_feature':
      return feature(action.op, text('feature'), table);
    case 'set_reader_schema':
      return { refused: 'set_reader_schema is a change of a registry subject, not of a table.' };
  }
}

const columnOf = (table: DeltaTable, name: string): DeltaColumn | undefined =>
  table.columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
const noColumn = (table: DeltaTable, name: string): Refusal => ({
  refused: `${table.table} has no column ${name}; it has ${table.columns.map((column) => column.name).join(', ')}.`,
});
const becomes = (table: DeltaTable, column: string, type: string): Expectation =>
  willHold(
    'delta.column_type',
    `${table.table}/${column}`,
    type,
    `Column ${column} of ${table.table} is ${type}`,
    SHOWS_WITHIN,
  );
const columnIs = (table: DeltaTable, column: string, type: string): Expectation =>
  stillHolds('delta.column_type', `${table.table}/${column}`, type, `Column ${column} of ${table.table} is ${type}`);

/** The type in the log's words, or why it may not be used. */
function allowedType(type: string): string | Refusal {
  try {
    parseColumnType(type);
    return canonicalType(type);
  } catch (thrown) {
    if (thrown instanceof AppError) return { refused: `arg.type: ${thrown.safeText}` };
    throw thrown;
  }
}

function addColumn(arg: SchemaArg, name: string, wanted: string, table: DeltaTable): Draft {
  const type = allowedType(wanted);
  if (typeof type !== 'string') return type;
  const there = columnOf(table, name);
  if (there) return { refused: `${table.table} has a column ${there.name} already (${canonicalType(there.type)}).` };
  return {
    arg: { ...arg, type },
    before: `${name}: not there`,
    effects: [
      'Old rows read empty in the new column; nothing is rewritten.',
      'Readers that select columns by name are not affected.',
    ],
    preconditions: [columnIs(table, name, 'absent')],
    verification: [becomes(table, name, type)],
  };
}

function rename(arg: SchemaArg, from: string, to: string, table: DeltaTable): Draft {
  const old = columnOf(table, from);
  if (!old) return noColumn(table, from);
  if (columnOf(table, to)) return { refused: `${table.table} has a column ${to} already.` };
  if (table.partitionColumns.some((name) => name.toLowerCase() === from.toLowerCase())) {
    return {
      refused: `${from} is a partition column of ${table.table}; it can not be renamed without rewriting the table.`,
    };
  }
  const mapped = ['name', 'id'].includes(table.properties['delta.columnMapping.mode'] ?? '');
  const type = canonicalType(old.type);
  return {
    arg,
    before: `${old.name}: ${type}`,
    effects: [
      `Every reader that uses the name ${from} fails until it is changed; no data is rewritten.`,
      ...(mapped
        ? []
        : [
            `${table.table} has no column mapping now, and the engine refuses a rename without it: an earlier step has to set delta.columnMapping.mode.`,
          ]),
    ],
    preconditions: [columnIs(table, from, type), columnIs(table, to, 'absent')],
    verification: [becomes(table, to, type)],
  };
}

function setType(arg: SchemaArg, column: string, wanted: string, table: DeltaTable): Draft {
  const type = allowedType(wanted);
  if (typeof type !== 'string') return type;
  const old = columnOf(table, column);
  if (!old) return noColumn(table, column);
  const now = canonicalType(old.type);
  if (now === type) return { refused: `Column ${column} of ${table.table} is ${type} already.` };
  if (!isWidening(now, type))
    return {
      refused: `${now} to ${type} is no widening: values would be lost or files rewritten. Escalate to the owner of ${table.table}.`,
    };
  const widening = table.properties['delta.enableTypeWidening'] === 'true';
  return {
    arg: { ...arg, type },
    before: `${old.name}: ${now}`,
    effects: [
      'Old files are read in the new type; nothing is rewritten.',
      ...(widening
        ? []
        : [`${table.table} has no type widening now: an earlier step has to set delta.enableTypeWidening = true.`]),
    ],
    preconditions: [columnIs(table, column, now)],
    verification: [becomes(table, column, type)],
  };
}

function revertType(arg: SchemaArg, column: string, wanted: string, table: DeltaTable): Draft {
  const type = allowedType(wanted);
  if (typeof type !== 'string') return type;
  const old = columnOf(table, column);
  if (!old) return noColumn(table, column);
  const now = canonicalType(old.type);
  const earlier = table.commits.find((commit) => {
    const [was, is] = [commit.columnsBefore, commit.columnsAfter].map((columns) =>
      columns?.find(({ name }) => name === old.name),
    );
    return was !== undefined && is !== undefined && canonicalType(was.type) === type && canonicalType(is.type) !== type;
  });
  if (now === type) return { refused: `Column ${column} of ${table.table} is ${type} already.` };
  if (!earlier)
    return {
      refused: `The history of ${table.table} does not show that ${column} was ever ${type}, so there is nothing to go back to.`,
    };
  return {
    arg: { ...arg, type },
    before: `${old.name}: ${now} (since version ${earlier.version})`,
    effects: [
      `Values written since version ${earlier.version} that do not fit ${type} make the engine refuse the change.`,
    ],
    preconditions: [columnIs(table, column, now)],
    verification: [becomes(table, column, type)],
  };
}

function setProperty(asked: string, value: string, table: DeltaTable): Draft {
  const key = asked.includes('.') ? asked : `delta.${asked}`;
  const now = table.properties[key];
  if (FORBIDDEN.test(key))
    return { refused: `${key} guards the data or the protocol of ${table.table}; a person has to change it.` };
  if (now === value) return { refused: `${key} of ${table.table} is ${value} already.` };
  if (RETENTION.test(key))
    return { refused: `${key} decides what history can still be restored; a person has to change it.` };
  if (/columnMapping\.mode$/.test(key) && value !== 'name') return { refused: `${key} may only be set to name.` };
  const target = `${table.table}/${key}`;
  return {
    arg: { key, value },
    before: `${key} = ${now ?? 'not set'}`,
    effects: [
      'Every later writer of the table follows it.',
      ...(/columnMapping|enableDeletionVectors|enableTypeWidening/.test(key) && value !== 'false'
        ? ['Raises the protocol: old readers may no longer read the table.']
        : []),
    ],
    preconditions: [
      stillHolds('delta.property', target, now ?? 'absent', `${key} of ${table.table} is ${now ?? 'not set'}`),
    ],
    verification: [willHold('delta.property', target, value, `${key} of ${table.table} is ${value}`, SHOWS_WITHIN)],
  };
}

function feature(op: 'add_feature' | 'drop_feature', name: string, table: DeltaTable): Draft {
  const there = table.features.includes(name);
  const list = (features: readonly string[]): string => [...features].sort().join(',');
  const now = list(table.features);
  if (op === 'add_feature' && there) return { refused: `${table.table} has the feature ${name} already.` };
  if (op === 'drop_feature' && !there)
    return { refused: `${table.table} does not have the feature ${name}; it has ${now || 'none'}.` };
  const comesBack = Object.entries(table.properties).filter(
    ([key, value]) => value === 'true' && key.toLowerCase() === `delta.enable${name.toLowerCase()}`,
  );
  return {
    arg: { feature: name },
    before: `table feature ${name}: ${there ? 'supported' : 'not supported'}`,
    effects: [
      op === 'add_feature'
        ? 'Readers and writers without this feature can no longer use the table.'
        : 'The engine may rewrite files and shorten the history to remove the traces of the feature.',
      ...(op === 'drop_feature'
        ? comesBack.map(
            ([key]) =>
              `${key} is true now: the next writer brings the feature back unless an earlier step sets it to false.`,
          )
        : []),
    ],
    preconditions: [
      stillHolds('delta.features', table.table, now, `The features of ${table.table} are ${now || 'none'}`),
    ],
    verification: [
      // The one feature, not the whole list: an engine may fold what remains back into the older protocol numbers.
      willHold(
        'delta.feature',
        `${table.table}/${name}`,
        op === 'add_feature' ? 'supported' : 'absent',
        `Table feature ${name} of ${table.table} is ${op === 'add_feature' ? 'supported' : 'gone'}`,
        SHOWS_WITHIN,
      ),
    ],
  };
}
