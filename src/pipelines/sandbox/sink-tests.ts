import type { PipelineConfig } from '../config.js';
import { nullIn, type Output, repeatedKey } from './output-tests.js';
import { failed, type Judged, passed } from './test-result.js';

/** What the sink declares, held against what came out: columns that are never NULL, and merge keys that name one row. */
export function judgeSink({ sink }: PipelineConfig, all: Output): Judged {
  const required = sink.columns.filter(({ nullable }) => !nullable).map(({ name }) => name);
  const keys = sink.mode === 'merge' ? (sink.mergeKeys ?? []) : [];
  const missing = nullIn(all, required);
  const repeated = keys.length === 0 ? undefined : repeatedKey(all, keys);
  const parts: Judged[] = [
    ...(required.length === 0 ? [] : [judged('sink: columns that are not NULL', 'sink.columns', missing)]),
    ...(keys.length === 0 ? [] : [judged('sink: one row per merge key', 'sink.mergeKeys', repeated)]),
  ];
  return { results: parts.flatMap(({ results }) => results), findings: parts.flatMap(({ findings }) => findings) };
}

function judged(name: string, path: string, wrong: ReturnType<typeof nullIn>): Judged {
  return wrong === undefined ? { results: [passed(name)], findings: [] } : failed(name, path, wrong);
}
