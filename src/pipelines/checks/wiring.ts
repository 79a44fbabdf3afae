import { Cron } from 'croner';
import type { Finding } from '../finding.js';
import { nearest } from '../nearest.js';
import { shown } from '../shown.js';
import { at, type CheckContext } from './context.js';

/** Where an input is named, and which earlier ids it may name. */
interface Reference {
  id: string;
  path: readonly PropertyKey[];
  /** Position of the transformer that reads it; after the last for sinks. */
  reader: number;
}

function references({ config }: CheckContext): Reference[] {
  const last = config.transformers.length;
  const deadLetter = config.errorHandling.deadLetter;
  return [
    ...config.transformers.flatMap(({ inputs }, reader) =>
      inputs.map((id, index) => ({ id, path: ['transformers', reader, 'inputs', index], reader })),
    ),
    { id: config.sink.input, path: ['sink', 'input'], reader: last },
    ...(deadLetter === undefined
      ? []
      : [{ id: deadLetter.input, path: ['errorHandling', 'deadLetter', 'input'], reader: last }]),
  ];
}

/** CFG006: an input that is no source and no earlier transformer. */
export function unknownInputs(context: CheckContext): Finding[] {
  const { sources, transformers } = context.config;
  const circular = circles(context);
  return references(context).flatMap(({ id, path, reader }) => {
    const position = transformers.findIndex((transformer) => transformer.id === id);
    if (sources.some((source) => source.id === id) || (position >= 0 && position < reader)) return [];
    if (position >= 0 && circular.has(reader)) return [];
    const message = `input '${id}' is no source and no earlier transformer`;
    if (position >= 0) return [at(context, 'CFG006', path, message, `declare '${id}' before it is read`)];
    const known = [...sources, ...transformers.slice(0, reader)].map((each) => each.id);
    const near = nearest(id, known);
    const suggestion = near === undefined ? `there are ${known.slice(0, 12).join(', ')}` : `did you mean '${near}'?`;
    return [at(context, 'CFG006', path, message, suggestion)];
  });
}

/** Positions of transformers that are part of a circle. */
function circles({ config: { transformers } }: CheckContext): Set<number> {
  const positions = new Map(transformers.map(({ id }, index) => [id, index]));
  const next = (index: number): number[] =>
    (transformers[index]?.inputs ?? []).flatMap((id) => positions.get(id) ?? []);
  const reaches = (from: number): boolean => {
    const seen = new Set<number>();
    const open = next(from);
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (index === from) return true;
      if (!seen.has(index)) open.push(...next(index));
      seen.add(index);
    }
    return false;
  };
  return new Set([...transformers.keys()].filter(reaches));
}

/** CFG009: transformers that feed each other. */
export function transformerLoops(context: CheckContext): Finding[] {
  const { transformers } = context.config;
  const circular = circles(context);
  // One finding for each input that closes a circle: it reads something at or after its own place.
  return [...circular].flatMap((reader) =>
    (transformers[reader]?.inputs ?? []).flatMap((id, index) => {
      const position = transformers.findIndex((transformer) => transformer.id === id);
      if (position < reader || !circular.has(position)) return [];
      const message =
        position === reader ? `'${id}' reads itself` : `'${transformers[reader]?.id}' and '${id}' feed each other`;
      return [at(context, 'CFG009', ['transformers', reader, 'inputs', index], message)];
    }),
  );
}

/** CFG007: a source or transformer that nothing reads, or an input that its query never names. */
export function unusedParts(context: CheckContext): Finding[] {
  const { sources, transformers } = context.config;
  const used = new Set(references(context).map(({ id }) => id));
  const parts = [
    ...sources.map(({ id }, index) => ({ id, path: ['sources', index, 'id'] })),
    ...transformers.map(({ id }, index) => ({ id, path: ['transformers', index, 'id'] })),
  ];
  const idle = parts
    .filter(({ id }) => !used.has(id))
    .map(({ id, path }) => at(context, 'CFG007', path, `'${id}' is never used`));
  const unread = context.queries.flatMap(({ transformer, path, tokens }) => {
    const names = new Set(tokens.map(({ text }) => text.toLowerCase()));
    return transformer.inputs.flatMap((id, index) =>
      names.has(id)
        ? []
        : [at(context, 'CFG007', [...path, 'inputs', index], `'${id}' is an input, and the query never reads it`)],
    );
  });
  return [...idle, ...unread];
}

/** CFG010: a schedule that never comes, and time zones that nobody knows. */
export function schedules(context: CheckContext): Finding[] {
  const { schedule, engine } = context.config;
  const zones = [
    { path: ['schedule', 'timezone'], zone: schedule.timezone },
    { path: ['engine', 'timezone'], zone: engine.timezone },
  ];
  const unknown = zones
    .filter(({ zone }) => !isZone(zone))
    .map(({ path, zone }) => {
      const near = nearest(zone, Intl.supportedValuesOf('timeZone'));
      const suggestion =
        near === undefined ? "write 'UTC' or a name such as 'Europe/Zurich'" : `did you mean '${near}'?`;
      return at(context, 'CFG010', path, `'${shown(zone)}' is no time zone`, suggestion);
    });
  const fault = cronFault(schedule.cron);
  return fault === undefined ? unknown : [at(context, 'CFG010', ['schedule', 'cron'], fault), ...unknown];
}

const ZONES = new Map<string, boolean>();

function isZone(zone: string): boolean {
  const known = ZONES.get(zone);
  if (known !== undefined) return known;
  let sound = true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    sound = false;
  }
  if (ZONES.size < 1000) ZONES.set(zone, sound);
  return sound;
}

function cronFault(cron: string): string | undefined {
  const written = `'${shown(cron)}'`;
  const fields = cron.trim().split(/\s+/).length;
  if (fields !== 5 && !cron.trim().startsWith('@')) return `bad cron ${written}: it has ${fields} fields, not 5`;
  try {
    const next = new Cron(cron, { timezone: 'UTC', paused: true }).nextRun();
    return next === null ? `bad cron ${written}: it never runs` : undefined;
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message.replace(/^CronPattern:\s*/, '') : '';
    return `bad cron ${written}: ${shown(why, 120)}`;
  }
}
