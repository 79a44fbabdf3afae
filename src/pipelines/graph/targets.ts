import { type Finding, finding } from '../finding.js';
import type { ReadConfig } from '../structure.js';
import { shown } from './dependencies.js';
import type { Lineage } from './lineage.js';
import { locationsRead, locationsWritten, overlaps } from './location.js';

/** SNK006: one place has one writer; a table inside of another's folder counts, too. */
export function sharedTargets({ config, source }: ReadConfig, lineage: Lineage): Finding[] {
  return locationsWritten(config).flatMap(({ key, text, path }) =>
    lineage.writersOf({ key, text, path }).flatMap((writer) => {
      const other = lineage.get(writer);
      if (writer === config.metadata.name || other === undefined) return [];
      const theirs = locationsWritten(other).find((location) => overlaps(location.key, key));
      const where = theirs === undefined || theirs.key === key ? '' : ` ('${shown(theirs.text)}')`;
      const message = `'${writer}' of ${other.metadata.owner.team} already writes to '${shown(text)}'${where}`;
      return [finding('SNK006', { path: path.join('.'), place: source.placeOf(path), message })];
    }),
  );
}

/** SNK008: a pipeline that writes where it reads changes its own input with each run. */
export function readTargets({ config, source }: ReadConfig): Finding[] {
  const read = locationsRead(config);
  return locationsWritten(config).flatMap(({ key, text, path }) => {
    const own = read.find((location) => overlaps(location.key, key));
    if (own === undefined) return [];
    const { id } = config.sources[Number(own.path[1])] ?? { id: '' };
    const message = `'${shown(text)}' is also the source '${id}'`;
    return [finding('SNK008', { path: path.join('.'), place: source.placeOf(path), message })];
  });
}
