import type { RunManifest, RunRecord } from './model.js';

/** One run that is to be made. */
export interface PlannedRun {
  scenario: string;
  file: string;
  repeat: number;
}

type Identity = Pick<RunRecord['result'], 'scenario' | 'repeat'>;

/** By scenario, then by repeat: the order in which runs end says nothing. */
export function inOrder(one: Identity, other: Identity): number {
  return one.scenario < other.scenario ? -1 : one.scenario > other.scenario ? 1 : one.repeat - other.repeat;
}

/** What speaks against going on with a run as it is wanted now; empty when nothing does. */
export function differences(before: RunManifest, now: RunManifest): string[] {
  const differ = (name: string, was: string | number, is: string | number): string[] =>
    was === is ? [] : [`${name} was ${was} and is now ${is}`];
  const known = new Map(before.scenarios.map((scenario) => [scenario.id, scenario]));
  return [
    ...differ('the version of Countersign', before.version, now.version),
    ...differ('--reasoner', before.reasoner.name, now.reasoner.name),
    ...differ('the model', before.reasoner.model, now.reasoner.model),
    ...differ('--cap', before.cap, now.cap),
    ...differ('--seed', before.seed, now.seed),
    ...now.scenarios.flatMap(({ id, file, digest }) => {
      const was = known.get(id);
      return was === undefined || was.digest === digest ? [] : [`scenario ${id} (${file}) has changed since`];
    }),
  ];
}

/** The run gone on with: scenarios and repeats are added and never taken away. */
export function goneOnWith(before: RunManifest, now: RunManifest): RunManifest {
  const held = new Set(before.scenarios.map(({ id }) => id));
  const judged = new Set(before.baselines.map(({ scenario }) => scenario));
  const { finishedAt, ...rest } = before;
  const grows = now.repeats > before.repeats || now.scenarios.some(({ id }) => !held.has(id));
  return {
    ...rest,
    ...(grows || finishedAt === undefined ? {} : { finishedAt }),
    repeats: Math.max(before.repeats, now.repeats),
    scenarios: [...before.scenarios, ...now.scenarios.filter(({ id }) => !held.has(id))].sort((one, other) =>
      one.id < other.id ? -1 : 1,
    ),
    baselines: [...before.baselines, ...now.baselines.filter(({ scenario }) => !judged.has(scenario))],
  };
}

/** The runs that have no record, or one of a run that was set apart: all scenarios once before any a second time. */
export function runsLeft({ scenarios, repeats }: RunManifest, records: readonly RunRecord[]): PlannedRun[] {
  const keyOf = ({ scenario, repeat }: Identity): string => `${scenario} ${repeat}`;
  const done = new Set(records.filter(({ result }) => result.failure !== 'infra').map(({ result }) => keyOf(result)));
  return Array.from({ length: repeats }, (_, index) => index + 1)
    .flatMap((repeat) => scenarios.map(({ id, file }) => ({ scenario: id, file, repeat })))
    .filter((run) => !done.has(keyOf(run)));
}
