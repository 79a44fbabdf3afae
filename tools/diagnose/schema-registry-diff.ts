import { z } from 'zod';
import type { SubjectVersion } from '../../src/domain/platform-ports.js';
import type { DiagnoseTool, ToolContext } from '../../src/domain/tool.js';
import { findPipeline, similar } from '../resolve.js';
import { ageOf, record, SPAN, since } from '../text.js';
import { schemaChanges } from './schema-changes.js';
import { fieldsOf } from './schema-fields.js';

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
    const changes = changeLines(versions.slice(0, VERSIONS), from, now());
    const head = record('subject', {
      name: subject,
      latest: versions[0]?.version,
      compatibility,
      versions: versions.map(({ version }) => version).join(','),
    });
    const newest = versions[0];
    const quiet = record('unchanged', {
      since: args.since,
      newest_version: newest?.version,
      newest_age: ageOf(newest?.at, now()),
    });
    const lines = [head, ...(changes.length > 0 ? changes.slice(0, CHANGES) : [quiet])];
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

/** Newest first; a version without a time is taken to be in the window, because nothing says that it is not. */
function changeLines(versions: readonly SubjectVersion[], from: Date | undefined, now: Date): string[] {
  return versions.flatMap((version, index) => {
    const older = versions[index + 1];
    if (!older) return [];
    if (from !== undefined && version.at !== undefined && Date.parse(version.at) < from.getTime()) return [];
    const step = {
      from_version: older.version,
      to_version: version.version,
      at: version.at,
      age: ageOf(version.at, now),
    };
    const [before, after] = [fieldsOf(older.type, older.schema), fieldsOf(version.type, version.schema)];
    if (!before || !after) return [record('unreadable', step)];
    return schemaChanges(before, after).map(({ kind, field, from: was, to: is }) =>
      record('change', { ...step, kind, field, from: was, to: is }),
    );
  });
}

function headline(changes: readonly string[], window: string | undefined): string {
  const [first] = changes;
  if (first === undefined) return `no change${window ? ` in ${window}` : ''}`;
  const kind = /kind=(\w+)/.exec(first)?.[1] ?? 'changed';
  const field = /field=(\S+)/.exec(first)?.[1] ?? '';
  const age = /age=(\S+)/.exec(first)?.[1];
  return `${kind} ${field}${age ? `, ${age} ago` : ''}${changes.length > 1 ? `, and ${changes.length - 1} more` : ''}`;
}
