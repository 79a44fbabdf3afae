import type { PipelineCatalog } from '../catalog.js';
import type { PipelineConfig } from '../config.js';
import { nearest } from '../nearest.js';
import type { NamedSource } from './columns.js';
import { namesOf } from './link-request.js';
import { phrase } from './phrases.js';
import { ask, type Reading, short } from './reading.js';

/** Data sets that are mentioned, and paths that are data sets; a name that nobody knows is asked for. */
export function sourcesOf(reading: Reading, catalog: PipelineCatalog): NamedSource['dataset'][] {
  const { linked, phrases } = reading;
  const mentioned = [...linked.text.matchAll(/@d(\d+)/g)].flatMap((match) => linked.datasets[Number(match[1])] ?? []);
  const found = [...new Set(mentioned)];
  for (const match of phrases.takeAll(/@p(\d+)/)) {
    const path = linked.paths[Number(match[1])] ?? '';
    const dataset = catalog.datasets.find(({ name }) => name.replace(/\/+$/, '') === path.replace(/\/+$/, ''));
    if (dataset !== undefined && !found.includes(dataset)) found.push(dataset);
    if (dataset === undefined) unknown(reading, path, catalog);
  }
  const unread = phrases.takeAll(
    /\b(?:[A-Z][A-Z0-9]*(?:[_.][A-Z0-9]+)+|[a-z]+\.[A-Z]+\.\w+)\b/,
    (match) =>
      match[0].length > 4 &&
      !catalog.datasets.some(({ versions }) =>
        versions.some(({ columns }) =>
          columns.some(
            ({ name, values }) => name.toLowerCase() === match[0].toLowerCase() || values?.includes(match[0]),
          ),
        ),
      ),
  );
  for (const [name] of unread) unknown(reading, name, catalog);
  if (found.length === 0 && unread.length === 0 && reading.open.length === 0)
    ask(
      reading,
      'which table, topic or path is read?',
      catalog.datasets.slice(0, 8).map(({ name }) => name),
    );
  return found;
}

function unknown(reading: Reading, name: string, catalog: PipelineCatalog): void {
  const forms = namesOf(catalog);
  const near = nearest(
    name,
    forms.map(({ form }) => form.toLowerCase()),
  );
  const dataset = forms.find(({ form }) => form.toLowerCase() === near)?.dataset.name;
  ask(reading, `the catalogue has no '${short(name, 80)}'`, dataset === undefined ? [] : [dataset]);
}

/** Pipelines to wait for: named behind "after", or writing what is read. */
export function upstreamOf(reading: Reading, portfolio: readonly PipelineConfig[]): string[] {
  const names = portfolio.map(({ metadata }) => metadata.name);
  const said = reading.phrases.takeAll(
    phrase(
      '(?:(?:and|it|run|runs|start|starts|must|should)_+)*(?:after|once|depends_+on|when)_+(?:the_+)?(?:pipeline_+)?([a-z]\\w*_\\w+)(?:_+pipeline)?(?:_+(?:is_+(?:done|finished|ready)|has_+(?:run|finished)|finishes))?',
    ),
  );
  const after = said.flatMap((match) => {
    const name = (match[1] ?? '').toLowerCase();
    if (names.includes(name)) return [name];
    const near = nearest(name, names);
    ask(reading, `there is no pipeline '${short(name, 63)}' to wait for`, near === undefined ? [] : [near]);
    return [];
  });
  const places = reading.sources.map(({ dataset }) => dataset.name);
  const writers = portfolio
    .filter(({ sink }) => places.includes(sink.path ?? sink.table ?? ''))
    .map(({ metadata }) => metadata.name);
  return [...new Set([...after, ...writers])];
}
