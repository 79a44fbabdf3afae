import { z } from 'zod';
import { AppError } from '../../src/domain/errors.js';
import { type DatasetName, MOST_COLUMNS, Sighting } from '../../src/domain/sighting.js';

/** An event of a job with more datasets than this says nothing that a person could use; the rest is left out. */
const MOST_DATASETS = 300;

/** A facet that is not as the standard has it is passed over: it must not cost the rest of the event. */
const facet = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);

const Name = z.looseObject({ namespace: z.string().min(1), name: z.string().min(1) });
const Ownership = facet(z.looseObject({ owners: z.array(z.looseObject({ name: z.string() })) }));
const InputField = z.looseObject({ namespace: z.string(), name: z.string(), field: z.string() });

const EventDataset = Name.extend({
  facets: facet(
    z.looseObject({
      symlinks: facet(z.looseObject({ identifiers: z.array(Name) })),
      ownership: Ownership,
      columnLineage: facet(
        z.looseObject({
          fields: z.record(z.string(), z.looseObject({ inputFields: z.array(InputField) })),
          /** Columns that decide which rows there are: filters, joins, groupings. */
          dataset: facet(z.array(InputField)),
        }),
      ),
    }),
  ),
});
type EventDataset = z.infer<typeof EventDataset>;

const Parent = facet(z.looseObject({ job: Name, root: facet(z.looseObject({ job: facet(Name) })) }));

/** RunEvent and JobEvent of OpenLineage; a DatasetEvent has no job and says nothing of lineage. */
const Event = z.looseObject({
  eventTime: z.iso.datetime({ offset: true, local: true }),
  run: z.looseObject({ facets: facet(z.looseObject({ parent: Parent })) }).optional(),
  job: Name.extend({ facets: facet(z.looseObject({ ownership: Ownership })) }).optional(),
  inputs: z.array(EventDataset).nullish(),
  outputs: z.array(EventDataset).nullish(),
});
type Event = z.infer<typeof Event>;

/**
 * What one OpenLineage event says of who reads and writes what. A failed run says it as well as a finished one: it is about how
 * the job is built. @throws AppError `invalid_input` naming the field, for what is no event.
 */
export function sightingsIn(payload: unknown, receivedAt: Date): Sighting[] {
  const parsed = Event.safeParse(payload);
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join('.') || '(body)';
    throw new AppError('invalid_input', { field, safeText: `${field}: not as in an OpenLineage event` });
  }
  const { job, inputs, outputs } = parsed.data;
  if (job === undefined) return [];
  const common = commonOf(parsed.data, receivedAt);
  const reads = (inputs ?? [])
    .slice(0, MOST_DATASETS)
    .map((dataset) => ({ ...common, does: 'reads', ...about(dataset) }));
  const writes = (outputs ?? [])
    .slice(0, MOST_DATASETS)
    .map((dataset) => ({ ...common, does: 'writes', ...about(dataset), ...columnsOf(dataset) }));
  // What is too long for our bounds is no name to show a person.
  return [...reads, ...writes].flatMap((one) => Sighting.safeParse(one).data ?? []);
}

function commonOf({ job, run, eventTime }: Event, receivedAt: Date): Record<string, unknown> {
  const said = new Date(/Z$|[+-]\d\d:?\d\d$/.test(eventTime) ? eventTime : `${eventTime}Z`);
  const parent = run?.facets?.parent;
  const jobOwner = ownerOf(job?.facets?.ownership);
  return {
    job: { namespace: tidy(job?.namespace ?? ''), name: tidy(job?.name ?? '') },
    parents: [...new Set([parent?.job.name, parent?.root?.job?.name].flatMap((name) => (name ? [tidy(name)] : [])))],
    // A clock that is ahead would keep a link for longer than it is true.
    at: new Date(Math.min(said.getTime(), receivedAt.getTime())).toISOString(),
    ...(jobOwner === undefined ? {} : { jobOwner }),
  };
}

function about({ namespace, name, facets }: EventDataset): Record<string, unknown> {
  const datasetOwner = ownerOf(facets?.ownership);
  return {
    dataset: tidyName({ namespace, name }),
    aliases: (facets?.symlinks?.identifiers ?? []).slice(0, 4).map(tidyName),
    ...(datasetOwner === undefined ? {} : { datasetOwner }),
  };
}

function ownerOf(ownership: z.infer<typeof Ownership>): string | undefined {
  const names = (ownership?.owners ?? []).slice(0, 3).map(({ name }) => tidy(name).replace(/^(team|user|group):/, ''));
  return names.length === 0 ? undefined : names.join(', ').slice(0, 250);
}

/** Pairs of input and output column by input dataset; `*` stands for the rows as a whole. */
function columnsOf({ facets }: EventDataset): Pick<Sighting, 'columns'> {
  const lineage = facets?.columnLineage;
  if (lineage === undefined) return {};
  const perInput = new Map<string, { from: DatasetName; pairs: [string, string][] }>();
  const add = (input: z.infer<typeof InputField>, made: string): void => {
    const from = tidyName(input);
    const key = JSON.stringify(from);
    const entry = perInput.get(key) ?? { from, pairs: [] };
    const pair: [string, string] = [tidy(input.field), tidy(made)];
    const isNew = !entry.pairs.some(([read, to]) => read === pair[0] && to === pair[1]);
    if (isNew && entry.pairs.length < MOST_COLUMNS && pair[0].length <= 120 && pair[1].length <= 120)
      entry.pairs.push(pair);
    perInput.set(key, entry);
  };
  for (const [made, { inputFields }] of Object.entries(lineage.fields))
    for (const input of inputFields) add(input, made);
  for (const input of lineage.dataset ?? []) add(input, '*');
  return { columns: [...perInput.values()].slice(0, 30) };
}

/** One line of plain text, without a password that a connection string may hold. */
function tidy(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, ' ')
    .replace(/:\/\/[^/@\s]*:[^/@\s]*@/, '://')
    .trim();
}

/** Without the partition: each day's folder would otherwise be a table of its own. */
function tidyName({ namespace, name }: DatasetName): DatasetName {
  const plain = tidy(name).replace(/[?#].*$/, '');
  const whole = plain.replace(/(\/[^/=]+=[^/]*)+\/?$/, '');
  return { namespace: tidy(namespace).replace(/[?#].*$/, ''), name: whole === '' ? plain : whole };
}
