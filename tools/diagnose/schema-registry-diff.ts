import { z } from 'zod';
import type { SubjectVersion } from '../../src/domain/platform-ports.js';
import type { DiagnoseTool, ToolContext } from '../../src/domain/tool.js';
import { findPipeline, similar } from '../resolve.js';
import { ageOf, record, SPAN, since } from '../text.js';
import { type SchemaDifference, schemaDifference } from './schema-changes.js';
import { fieldsOf } from './schema-fields.js';
import { avroReading, isMisread } from './schema-reading.js';

const Args = z.strictObject({
  source: z
    .string()
    .min(1)
    .max(250)
    .describe('Registry subject or topic, with or without -value, e.g. core_banking.transactions'),
  since: z
    .string()
    .regex(SPAN, 'a span like 24h or 7d')
    .optional()
    .describe('Only versions registered in this window; default all'),
});

const VERSIONS = 12;
const CHANGES = 40;
/** What is told beside the changes. */
const MORE = 40;

/** What changed between the versions of a registered schema: the upstream side of a schema failure. */
export const schemaRegistryDiff: DiagnoseTool<typeof Args> = {
  name: 'schema_registry_diff',
  version: '1',
  description:
    'Schema registry: the changes between consecutive versions of a subject (columns added, dropped, renamed, types, enums, defaults) with when they ' +
    'were registered. First choice when an error names a missing or mistyped column of a source.',
  args: Args,
  readOnly: true,
  async run(args, context) {
    const { readers, now, signal } = context;
    const found = await resolveSubject(args.source, context);
    if ('searched' in found) return { status: 'no_data', searched: found.searched };
    const { subject, versions } = found;
    const compatibility = await readers.registry.compatibility(subject, signal);
    const from = args.since === undefined ? undefined : since(args.since, now());
    const told = stepsOf(versions.slice(0, VERSIONS), from, now());
    const changes = told.flatMap((step) => step.changes);
    const more = told.flatMap((step) => step.more);
    const head = record('subject', {
      name: subject,
      latest: versions[0]?.version,
      compatibility,
      versions: versions.map(({ version }) => version).join(','),
      // Without times a window can not be cut out: all changes are shown then.
      times: versions.some(({ at }) => at !== undefined) ? undefined : 'unknown',
    });
    const newest = versions[0];
    const quiet = record('unchanged', {
      since: args.since,
      newest_version: newest?.version,
      newest_age: ageOf(newest?.at, now()),
    });
    const lines = [head, ...(changes.length > 0 ? changes.slice(0, CHANGES) : [quiet]), ...more.slice(0, MORE)];
    return { status: 'ok', text: lines.join('\n'), headline: `${subject}: ${headline(changes, args.since)}` };
  },
};

async function resolveSubject(
  source: string,
  { readers, inventory, signal }: ToolContext,
): Promise<{ subject: string; versions: SubjectVersion[] } | { searched: string }> {
  const plain = source.trim().replace(/^(?:registry|kafka|source):/i, '');
  const ofPipeline = findPipeline(inventory, plain)?.pipeline.sources ?? [];
  const names = [
    ...new Set(
      [plain, ...ofPipeline].flatMap((name) => [name, name.endsWith('-value') ? name.slice(0, -6) : `${name}-value`]),
    ),
  ];
  for (const subject of names) {
    const versions = await readers.registry.versions(subject, signal);
    if (versions && versions.length > 0) return { subject, versions };
  }
  const near = similar(source, await readers.registry.subjects(signal));
  return {
    searched: `the schema registry for the subjects ${names.join(' and ')}; subjects with a similar name: ${near.join(', ') || 'none'}`,
  };
}

interface Told {
  /** What the change of a column is, one line each. */
  changes: string[];
  /** Why a rename is taken for one, who can read what, and what else is different. */
  more: string[];
}

/** Newest first; a version without a time is taken to be in the window, because nothing says that it is not. */
function stepsOf(versions: readonly SubjectVersion[], from: Date | undefined, now: Date): Told[] {
  return versions.flatMap((version, index) => {
    const older = versions[index + 1];
    if (!older) return [];
    if (from !== undefined && version.at !== undefined && Date.parse(version.at) < from.getTime()) return [];
    return [stepOf(older, version, ageOf(version.at, now))];
  });
}

function stepOf(older: SubjectVersion, newer: SubjectVersion, age: string | undefined): Told {
  const step = { from_version: older.version, to_version: newer.version, at: newer.at, age };
  const [before, after] = [fieldsIn(older), fieldsIn(newer)];
  if (typeof before === 'string' || typeof after === 'string') {
    const faults = [
      ...(typeof before === 'string' ? [fault(older, before)] : []),
      ...(typeof after === 'string' ? [fault(newer, after)] : []),
    ];
    return { changes: [record('unreadable', { ...step, because: faults.join('; ') })], more: [] };
  }
  const difference = schemaDifference(before, after);
  const changes = difference.changes.map(({ kind, field, from, to }) =>
    record('change', { ...step, kind, field, from, to }),
  );
  const retyped =
    older.type === newer.type
      ? []
      : [record('detail', { ...step, what: 'language', from: older.type, to: newer.type })];
  return { changes, more: [...moreOf(difference, older, newer), ...retyped, ...referenceLines(older, newer)] };
}

function fieldsIn(version: SubjectVersion): ReturnType<typeof fieldsOf> {
  return version.unread ?? fieldsOf(version.type, version.schema);
}

function fault({ version, type }: SubjectVersion, why: string): string {
  return why === 'too_large'
    ? `version ${version} is too large to compare`
    : `version ${version} is no ${type} schema that can be read`;
}

function moreOf(
  { changes, renames, details }: SchemaDifference,
  older: SubjectVersion,
  newer: SubjectVersion,
): string[] {
  const step = { from_version: older.version, to_version: newer.version };
  const avro = older.type === 'AVRO' && newer.type === 'AVRO';
  return [
    ...renames.map(({ from, to, confidence, because }) =>
      record('rename', { ...step, from: from.path, to: to.path, confidence, because: because.join('; ') }),
    ),
    ...(avro ? changes.filter(isMisread) : []).map(({ field, from, to }) =>
      record('misread', { ...step, field, from, to, because: 'stored alike: read without an error, as other values' }),
    ),
    ...(avro && changes.length > 0 ? [readingLine(older, newer), readingLine(newer, older)] : []),
    ...details.map(({ field, what, from, to }) => record('detail', { ...step, field, what, from, to })),
  ];
}

/** Who still has the one schema, before data of the other. */
function readingLine(reader: SubjectVersion, writer: SubjectVersion): string {
  const { can, because } = avroReading(reader.schema, writer.schema);
  return record('reads', { reader_version: reader.version, data_of_version: writer.version, can, because });
}

function referenceLines(older: SubjectVersion, newer: SubjectVersion): string[] {
  const of = ({ references }: SubjectVersion): Map<string, string> =>
    new Map((references ?? []).map(({ name, subject, version }) => [name, `${subject} version ${version}`]));
  const [had, has] = [of(older), of(newer)];
  return [...new Set([...had.keys(), ...has.keys()])]
    .filter((name) => had.get(name) !== has.get(name))
    .map((name) =>
      record('detail', {
        from_version: older.version,
        to_version: newer.version,
        field: name,
        what: 'reference',
        from: had.get(name),
        to: has.get(name),
      }),
    );
}

function headline(changes: readonly string[], window: string | undefined): string {
  const [first] = changes;
  if (first === undefined) return `no change${window ? ` in ${window}` : ''}`;
  const kind = /kind=(\w+)/.exec(first)?.[1] ?? 'changed';
  const field = /field=(\S+)/.exec(first)?.[1] ?? '';
  const age = /age=(\S+)/.exec(first)?.[1];
  return `${kind} ${field}${age ? `, ${age} ago` : ''}${changes.length > 1 ? `, and ${changes.length - 1} more` : ''}`;
}
