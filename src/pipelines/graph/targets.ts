import { type Finding, finding } from '../finding.js';
import { shown } from '../shown.js';
import type { ReadConfig } from '../structure.js';
import { few } from './dependencies.js';
import type { Lineage } from './lineage.js';
import { type Location, locationsRead, locationsWritten, overlaps } from './location.js';

/** SNK006: one place has one writer; a table inside of another's folder counts, too. */
export function sharedTargets({ config, source }: ReadConfig, lineage: Lineage): Finding[] {
  return locationsWritten(config).flatMap((location) => {
    const writers = lineage.writersOf(location).filter((name) => name !== config.metadata.name);
    const path = location.path.join('.');
    const place = source.placeOf(location.path);
    return few(writers).map(({ name, told }) => {
      const message = `${told}${detail(name, location, lineage)} already writes to '${shown(location.text, 120)}'`;
      return finding('SNK006', { path, place, message });
    });
  });
}

/** Whose it is, and its own place where that is not the same. */
function detail(name: string | undefined, { key }: Location, lineage: Lineage): string {
  const config = name === undefined ? undefined : lineage.get(name);
  if (config === undefined) return '';
  const theirs = locationsWritten(config).find((location) => overlaps(location.key, key));
  const where = theirs === undefined || theirs.key === key ? '' : `, at '${shown(theirs.text, 120)}',`;
  return ` of ${config.metadata.owner.team}${where}`;
}

/** SNK008: a pipeline that writes where it reads changes its own input with each run. */
export function readTargets({ config, source }: ReadConfig): Finding[] {
  const read = locationsRead(config);
  return locationsWritten(config).flatMap(({ key, text, path }) => {
    const own = read.find((location) => overlaps(location.key, key));
    if (own === undefined) return [];
    const { id } = config.sources[Number(own.path[1])] ?? { id: '' };
    const message = `'${shown(text, 120)}' is also the source '${id}'`;
    return [finding('SNK008', { path: path.join('.'), place: source.placeOf(path), message })];
  });
}
