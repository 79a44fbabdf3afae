import { type Finding, finding } from '../finding.js';
import { nearest } from '../nearest.js';
import type { ReadConfig } from '../structure.js';
import { dependencyNames, type Edge, type Lineage } from './lineage.js';
import { locationsRead } from './location.js';

/** A text of the author in a message: short, on one line. */
export const shown = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ').slice(0, 120);

/** DEP002: what the config waits for must exist. */
export function unknownDependencies({ config, source }: ReadConfig, lineage: Lineage): Finding[] {
  return dependencyNames(config).flatMap((name, index) => {
    if (lineage.get(name) !== undefined || name === config.metadata.name) return [];
    const near = nearest(name, lineage.names());
    const path = ['dependsOn', index];
    const message = `there is no pipeline '${name}' to depend on`;
    const suggestion = near === undefined ? undefined : `did you mean '${near}'?`;
    return [finding('DEP002', { path: path.join('.'), place: source.placeOf(path), message, suggestion })];
  });
}

/** DEP003: what another pipeline writes is read only after it, and only by those who say so. */
export function undeclaredReads({ config, source }: ReadConfig, lineage: Lineage): Finding[] {
  const declared = new Set(dependencyNames(config));
  return locationsRead(config).flatMap((location) =>
    lineage.writersOf(location).flatMap((writer) => {
      if (writer === config.metadata.name || declared.has(writer)) return [];
      const message = `reads '${shown(location.text)}' of '${writer}' and does not depend on it`;
      const suggestion = `add '${writer}' to dependsOn`;
      const { path } = location;
      return [finding('DEP003', { path: path.join('.'), place: source.placeOf(path), message, suggestion })];
    }),
  );
}

/** DEP007: a dependency whose output is not read holds the pipeline back for nothing. */
export function unusedDependencies({ config, source }: ReadConfig, lineage: Lineage): Finding[] {
  const written = new Set(locationsRead(config).flatMap((location) => lineage.writersOf(location)));
  return dependencyNames(config).flatMap((name, index) => {
    if (lineage.get(name) === undefined || written.has(name) || name === config.metadata.name) return [];
    const path = ['dependsOn', index];
    const message = `depends on '${name}' and reads nothing that it writes`;
    return [finding('DEP007', { path: path.join('.'), place: source.placeOf(path), message })];
  });
}

/** DEP001: pipelines that wait for each other, by declaration or by what they read and write. One finding for each way in. */
export function circles({ config, source }: ReadConfig, lineage: Lineage): Finding[] {
  const { name } = config.metadata;
  const seen = new Set<string>();
  return lineage.upstream(name).flatMap((edge) => {
    // A pipeline that reads what it writes itself is SNK008.
    if (seen.has(edge.from) || (edge.from === name && edge.through !== undefined)) return [];
    seen.add(edge.from);
    const chain = edge.from === name ? [] : wayBack(edge.from, name, lineage);
    if (chain === undefined) return [];
    const edges = [edge, ...chain];
    const path = edge.through?.path ?? ['dependsOn', dependencyNames(config).indexOf(edge.from)];
    const flow = [name, ...edges.map(({ from }) => from)].reverse().join(' -> ');
    const message = `circular: ${flow}${undeclared(edges, lineage)}`;
    return [finding('DEP001', { path: path.join('.'), place: source.placeOf(path), message })];
  });
}

/** The shortest chain of what waits for what, from one pipeline up to another. */
function wayBack(from: string, to: string, lineage: Lineage): Edge[] | undefined {
  const reached = new Map<string, Edge | undefined>([[from, undefined]]);
  const queue = [from];
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    for (const edge of lineage.upstream(name)) {
      if (reached.has(edge.from)) continue;
      reached.set(edge.from, edge);
      if (edge.from === to) return chainTo(to, reached);
      queue.push(edge.from);
    }
  }
  return undefined;
}

function chainTo(to: string, reached: ReadonlyMap<string, Edge | undefined>): Edge[] {
  const chain: Edge[] = [];
  for (let edge = reached.get(to); edge !== undefined; edge = reached.get(edge.to)) chain.unshift(edge);
  return chain;
}

/** What nobody would see in `dependsOn`. */
function undeclared(edges: readonly Edge[], lineage: Lineage): string {
  const hidden = edges.flatMap(({ from, to, through }) => {
    const config = lineage.get(to);
    if (through === undefined || config === undefined || dependencyNames(config).includes(from)) return [];
    return [`'${to}' reads '${shown(through.text)}' of '${from}'`];
  });
  return hidden.length === 0 ? '' : `; ${hidden.join(', ')} without saying so`;
}
