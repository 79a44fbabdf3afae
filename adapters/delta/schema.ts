import { AppError } from '../../src/domain/errors.js';
import type { DeltaColumn } from '../../src/domain/platform-ports.js';
import { jsonOf } from './log-files.js';
import { ArrayType, MapType, type Metadata, type Protocol, Struct } from './shapes.js';

/** Columns of a table's metadata, types in Delta's own names (`long`, `array<string>`, `struct<a:integer>`). */
export function columnsOf(table: string, metadata: Metadata): DeltaColumn[] {
  const struct = Struct.safeParse(jsonOf(metadata.schemaString));
  if (!struct.success) {
    throw new AppError('unexpected_answer', {
      safeText: `The Delta log of ${table} holds a schema that can not be read.`,
    });
  }
  return struct.data.fields.map((field) => {
    const physical = field.metadata['delta.columnMapping.physicalName'];
    return {
      name: field.name,
      type: typeText(field.type),
      nullable: field.nullable,
      ...(typeof physical === 'string' ? { physical } : {}),
    };
  });
}

function typeText(type: unknown): string {
  if (typeof type === 'string') return type;
  const struct = Struct.safeParse(type);
  if (struct.success) return `struct<${struct.data.fields.map((f) => `${f.name}:${typeText(f.type)}`).join(',')}>`;
  const array = ArrayType.safeParse(type);
  if (array.success) return `array<${typeText(array.data.elementType)}>`;
  const map = MapType.safeParse(type);
  return map.success ? `map<${typeText(map.data.keyType)},${typeText(map.data.valueType)}>` : 'unknown';
}

/** True when a reader would see another schema. */
export function columnsDiffer(before: readonly DeltaColumn[], after: readonly DeltaColumn[]): boolean {
  const key = (columns: readonly DeltaColumn[]): string =>
    JSON.stringify(columns.map(({ name, type, nullable }) => [name, type, nullable]));
  return key(before) !== key(after);
}

export function propertyChanges(
  before: Record<string, string>,
  after: Record<string, string>,
): Record<string, { from: string | undefined; to: string | undefined }> {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return Object.fromEntries(
    keys.filter((key) => before[key] !== after[key]).map((key) => [key, { from: before[key], to: after[key] }]),
  );
}

/** Table features that the log names, sorted; legacy protocol versions name none. */
export function featuresOf(protocol: Protocol | undefined): string[] {
  return [...new Set([...(protocol?.readerFeatures ?? []), ...(protocol?.writerFeatures ?? [])])].sort();
}

const LEGACY: [number, string[]][] = [
  [2, ['appendOnly', 'invariants']],
  [3, ['checkConstraints']],
  [4, ['changeDataFeed', 'generatedColumns']],
  [5, ['columnMapping']],
  [6, ['identityColumns']],
];

/** Features that `after` has and `before` had not: what an upgrade only writes out, because the old version implied it, is not new. */
export function featureChanges(before: Protocol, after: Protocol): { added: string[]; removed: string[] } {
  const implied = (protocol: Protocol): string[] =>
    protocol.minWriterVersion >= 7
      ? []
      : LEGACY.filter(([version]) => protocol.minWriterVersion >= version).flatMap(([, names]) => names);
  const had = new Set([...featuresOf(before), ...implied(before)]);
  const has = new Set([...featuresOf(after), ...implied(after)]);
  return {
    added: [...has].filter((name) => !had.has(name)).sort(),
    removed: [...had].filter((name) => !has.has(name)).sort(),
  };
}

/** Reader features under which add, remove and their statistics mean what this reader takes them for. */
const UNDERSTOOD: ReadonlySet<string> = new Set([
  'columnMapping',
  'deletionVectors',
  'timestampNtz',
  'typeWidening',
  'typeWidening-preview',
  'v2Checkpoint',
  'vacuumProtocolCheck',
  'variantShredding',
  'variantShredding-preview',
  'variantType',
  'variantType-preview',
]);
const NEWEST_READER = 3;

/** What a reader must know to tell the table's data, and this one does not. */
export function unknownFeatures(protocol: Protocol | undefined): string[] {
  if (protocol === undefined) return [];
  const version = protocol.minReaderVersion > NEWEST_READER ? [`reader version ${protocol.minReaderVersion}`] : [];
  return [...version, ...(protocol.readerFeatures ?? []).filter((feature) => !UNDERSTOOD.has(feature))];
}

/** The newest commits of such a table are in a catalog, not, or not yet, in the log. */
export function isKeptByCatalog(protocol: Protocol | undefined, metadata: Metadata): boolean {
  const features = featuresOf(protocol);
  return (
    ['catalogManaged', 'catalogOwned-preview'].some((feature) => features.includes(feature)) ||
    Object.hasOwn(metadata.configuration, 'delta.coordinatedCommits.commitCoordinator-preview')
  );
}
