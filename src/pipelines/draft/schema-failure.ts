import type { DatasetVersion } from '../catalog.js';
import { parseType, printType } from '../sql/type.js';

/** What a job's failure says about the shape that it met. */
export interface SchemaFailure {
  expected: { name: string; type: string }[];
  got: { name: string; type: string }[];
  added: { name: string; type: string }[];
}

const COLUMN = '[`\'"]?([A-Za-z_]\\w{0,127})[`\'"]?\\s*\\(\\s*([A-Za-z]+(?:\\s*[(<][^()<>]{0,80}[)>])?)\\s*\\)';
const PAIR = new RegExp(
  `expected\\s+(?:column\\s+)?${COLUMN}\\s*,?\\s*(?:but\\s+)?(?:got|found|was)\\s+(?:column\\s+)?${COLUMN}`,
  'gi',
);
const NEW = new RegExp(
  `(?:new|unexpected|additional)\\s+columns?:?\\s+((?:${COLUMN}(?:\\s*,\\s*|\\s+and\\s+)?)+)`,
  'gi',
);
const MAX_TEXT = 20_000;

/** Reads "Expected a (BIGINT), got a (STRING). Also found new column b (STRING)"; undefined when the text says nothing of the kind. */
export function readSchemaFailure(text: string): SchemaFailure | undefined {
  const failure: SchemaFailure = { expected: [], got: [], added: [] };
  const within = text.slice(0, MAX_TEXT);
  for (const [, name = '', type = '', nowName = '', nowType = ''] of within.matchAll(PAIR)) {
    failure.expected.push({ name, type: spelt(type) });
    failure.got.push({ name: nowName, type: spelt(nowType) });
  }
  for (const [, list = ''] of within.matchAll(NEW)) {
    for (const [, name = '', type = ''] of list.matchAll(new RegExp(COLUMN, 'gi')))
      failure.added.push({ name, type: spelt(type) });
  }
  return failure.expected.length + failure.added.length > 0 ? failure : undefined;
}

function spelt(type: string): string {
  const known = parseType(type);
  return known === undefined ? type : printType(known);
}

/** The version that the failure met: the known one with what the failure says. What a failure does not say of a new column is taken as optional. */
export function versionAfter(known: DatasetVersion, failure: SchemaFailure): DatasetVersion {
  const columns = known.columns.map((column) => {
    const at = failure.expected.findIndex(({ name }) => name.toLowerCase() === column.name.toLowerCase());
    const got = failure.got[at];
    if (got === undefined) return column;
    return {
      ...column,
      name: got.name.toLowerCase() === column.name.toLowerCase() ? column.name : got.name,
      type: got.type,
    };
  });
  const fresh = failure.added.filter(
    ({ name }) => !columns.some((column) => column.name.toLowerCase() === name.toLowerCase()),
  );
  return {
    version: known.version + 1,
    columns: [...columns, ...fresh.map(({ name, type }) => ({ name, type, nullable: true }))],
  };
}
