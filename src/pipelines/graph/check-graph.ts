import type { PipelineConfig } from '../config.js';
import { type Finding, finding } from '../finding.js';
import type { ReadConfig } from '../structure.js';
import { circles, undeclaredReads, unknownDependencies, unusedDependencies } from './dependencies.js';
import type { Lineage } from './lineage.js';
import { clockTraps, tooEarly, tooLateFor, tooOften } from './schedules.js';
import { readTargets, sharedTargets } from './targets.js';

export interface GraphOptions {
  /** From when on runs are compared, in milliseconds since 1970. */
  now: number;
  /** The pipeline that the config is an edit of; undefined for a new one. */
  replaces?: string | undefined;
}

/**
 * Layer 5: a config among all others. The graph is given back as it was: the config stands in it only while it is looked at, in the
 * place of the one that it replaces.
 */
export function checkGraph(read: ReadConfig, lineage: Lineage, options: GraphOptions): Finding[] {
  const { config } = read;
  const { name } = config.metadata;
  const there = lineage.get(name);
  const isKnown = there === config;
  const replaces = isKnown ? name : options.replaces;
  const before = replaces === undefined ? undefined : lineage.get(replaces);
  const taken = there !== undefined && replaces !== name ? [nameTaken(read, there)] : [];
  const renamed = before !== undefined && replaces !== name ? abandoned(read, before, lineage) : [];
  return [
    ...taken,
    ...renamed,
    ...placed(config, before, lineage, () => rules(read, isKnown ? undefined : { before }, lineage, options.now)),
  ];
}

function rules(
  read: ReadConfig,
  change: { before: PipelineConfig | undefined } | undefined,
  lineage: Lineage,
  now: number,
): Finding[] {
  return [
    ...unknownDependencies(read, lineage),
    ...circles(read, lineage),
    ...undeclaredReads(read, lineage),
    ...unusedDependencies(read, lineage),
    ...tooEarly(read, lineage, now),
    ...(change === undefined ? [] : tooLateFor(read, change.before, lineage, now)),
    ...tooOften(read, lineage, now),
    ...clockTraps(read, lineage, now),
    ...sharedTargets(read, lineage),
    ...readTargets(read),
  ];
}

/** CFG004: a new pipeline with the name of one that exists. */
function nameTaken({ config, source }: ReadConfig, there: PipelineConfig): Finding {
  const path = ['metadata', 'name'];
  const message = `a pipeline '${config.metadata.name}' of ${there.metadata.owner.team} exists`;
  return finding('CFG004', { path: path.join('.'), place: source.placeOf(path), message });
}

/** DEP002 for those who wait for a name that the edit takes away. */
function abandoned({ source }: ReadConfig, before: PipelineConfig, lineage: Lineage): Finding[] {
  const { name } = before.metadata;
  const waiting = lineage.downstream(name).filter(({ through, to }) => through === undefined && to !== name);
  const path = ['metadata', 'name'];
  return waiting.map(({ to }) => {
    const message = `'${to}' depends on '${name}', and this edit takes that name away`;
    return finding('DEP002', { path: path.join('.'), place: source.placeOf(path), message });
  });
}

/** Looks with the config in its place, and puts back what stood there. */
function placed<T>(config: PipelineConfig, before: PipelineConfig | undefined, lineage: Lineage, look: () => T): T {
  const there = lineage.get(config.metadata.name);
  if (there === config) return look();
  if (before !== undefined) lineage.remove(before.metadata.name);
  lineage.put(config);
  try {
    return look();
  } finally {
    lineage.remove(config.metadata.name);
    if (before !== undefined) lineage.put(before);
    if (there !== undefined) lineage.put(there);
  }
}
