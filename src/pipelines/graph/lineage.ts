import type { PipelineConfig } from '../config.js';
import { foldersOf, type Location, locationsRead, locationsWritten } from './location.js';

/** Why one pipeline comes after another. */
export interface Edge {
  from: string;
  to: string;
  /** The place that `to` reads and `from` writes; undefined for a declared dependency. */
  through: Location | undefined;
}

/** One pipeline that a change reaches. */
export interface Downstream {
  name: string;
  team: string;
  schedule: PipelineConfig['schedule'];
  /** 1 for those that read it themselves. */
  distance: number;
  /** What it reads of it, where it says so by a path and not only by `dependsOn`. */
  through: string | undefined;
}

interface Node {
  config: PipelineConfig;
  reads: readonly Location[];
  writes: readonly Location[];
}

type Index = Map<string, Set<string>>;

/** What all pipelines read, write and wait for. Mutable by `put` and `remove`, each of which touches one pipeline's entries only. */
export interface Lineage {
  readonly size: number;
  get(name: string): PipelineConfig | undefined;
  names(): string[];
  put(config: PipelineConfig): void;
  remove(name: string): void;
  /** Pipelines that write to a place, above it or below it. */
  writersOf(location: Location): string[];
  /** What `name` waits for or reads, by declaration and by path. */
  upstream(name: string): Edge[];
  /** What waits for `name` or reads what it writes. */
  downstream(name: string): Edge[];
}

/** Builds the graph of all pipelines: declared dependencies and, beside them, what is read and written. */
export function createLineage(configs: Iterable<PipelineConfig>): Lineage {
  const nodes = new Map<string, Node>();
  const writers = createTouching();
  const readers = createTouching();
  const dependants: Index = new Map();
  const remove = (name: string): void => {
    const node = nodes.get(name);
    if (node === undefined) return;
    nodes.delete(name);
    for (const { key } of node.writes) writers.drop(key, name);
    for (const { key } of node.reads) readers.drop(key, name);
    for (const wanted of dependencyNames(node.config)) dependants.get(wanted)?.delete(name);
  };
  const put = (config: PipelineConfig): void => {
    const { name } = config.metadata;
    remove(name);
    const node = { config, reads: locationsRead(config), writes: locationsWritten(config) };
    nodes.set(name, node);
    for (const { key } of node.writes) writers.add(key, name);
    for (const { key } of node.reads) readers.add(key, name);
    for (const wanted of dependencyNames(config)) addTo(dependants, wanted, name);
  };
  for (const config of configs) put(config);
  const readOf = (name: string, from: string): Location | undefined =>
    nodes.get(name)?.reads.find(({ key }) => writers.touching(key).includes(from));
  return {
    get size() {
      return nodes.size;
    },
    get: (name) => nodes.get(name)?.config,
    names: () => [...nodes.keys()],
    put,
    remove,
    writersOf: ({ key }) => writers.touching(key),
    upstream: (name) => {
      const node = nodes.get(name);
      if (node === undefined) return [];
      const declared = dependencyNames(node.config).map((from) => ({ from, to: name, through: undefined }));
      const read = node.reads.flatMap((through) =>
        writers.touching(through.key).map((from) => ({ from, to: name, through })),
      );
      return [...declared, ...read];
    },
    downstream: (name) => {
      const declared = [...(dependants.get(name) ?? [])].map((to) => ({ from: name, to, through: undefined }));
      const reading = new Set(nodes.get(name)?.writes.flatMap(({ key }) => readers.touching(key)));
      return [...declared, ...[...reading].map((to) => ({ from: name, to, through: readOf(to, name) }))];
    },
  };
}

/** Names by place, found again from the place itself, from above it and from below it without a look at all the others. */
function createTouching(): {
  add(key: string, name: string): void;
  drop(key: string, name: string): void;
  touching(key: string): string[];
} {
  const exact: Index = new Map();
  const below: Index = new Map();
  return {
    add: (key, name) => {
      addTo(exact, key, name);
      for (const folder of foldersOf(key)) addTo(below, folder, name);
    },
    drop: (key, name) => {
      exact.get(key)?.delete(name);
      for (const folder of foldersOf(key)) below.get(folder)?.delete(name);
    },
    touching: (key) => {
      const above = foldersOf(key).flatMap((folder) => [...(exact.get(folder) ?? [])]);
      return [...new Set([...above, ...(below.get(key) ?? [])])];
    },
  };
}

function addTo(index: Index, key: string, name: string): void {
  const names = index.get(key);
  if (names === undefined) index.set(key, new Set([name]));
  else names.add(name);
}

/** The pipelines that a config says it waits for. */
export function dependencyNames(config: PipelineConfig): string[] {
  return config.dependsOn.map((each) => (typeof each === 'string' ? each : each.pipeline));
}

/** Everything that a change of `name` reaches, nearest first: who is told of a breaking change, and what the plan lists. */
export function downstreamOf(lineage: Lineage, name: string): Downstream[] {
  const found = new Map<string, Downstream>();
  let front = [name];
  for (let distance = 1; front.length > 0; distance += 1) {
    const next: string[] = [];
    for (const edge of front.flatMap((each) => lineage.downstream(each))) {
      const config = lineage.get(edge.to);
      if (config === undefined || edge.to === name) continue;
      const known = found.get(edge.to);
      if (known !== undefined) {
        if (known.distance === distance) known.through ??= edge.through?.text;
        continue;
      }
      const { metadata, schedule } = config;
      const through = edge.through?.text;
      found.set(edge.to, { name: edge.to, team: metadata.owner.team, schedule, distance, through });
      next.push(edge.to);
    }
    front = next;
  }
  return [...found.values()];
}
