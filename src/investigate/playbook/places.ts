import { codeAge, columnStem } from './code-change.js';
import type { Context } from './context.js';
import { subjectsOf } from './contract.js';
import { fileMetrics, inputsOf, volumeMetrics } from './demand.js';
import { feedMetrics } from './feed.js';
import { producers } from './late.js';
import { leafOf, unknownLever } from './levers.js';
import { largestOther, poolMetrics } from './pools.js';
import { tablesInQuestion } from './protocol.js';
import { recentChanges, settingFiles } from './settings.js';
import { shapeTables } from './table-shape.js';
import type { CASE_NAMES } from './template.js';
import { otherWriters, refusals } from './transient.js';
import { strangers } from './unreachable.js';
import { progressMetrics } from './waits.js';

const one = (name: string | undefined): string[] => (name === undefined ? [] : [name]);

/** The closed list of places that a question may be asked for each of (docs/agent.md). */
const LISTS: Readonly<Record<string, (context: Context) => string[]>> = {
  reads: ({ focus }) => [...(focus.task?.reads ?? [])],
  writes: ({ focus }) => [...(focus.task?.writes ?? [])],
  sources: subjectsOf,
  producers: (context) => producers(context).map(({ dag }) => dag),
  strangers,
  tables_named: tablesInQuestion,
  shape_tables: shapeTables,
  setting_files: settingFiles,
  volume_metrics: volumeMetrics,
  health_metrics: metricsAbout(/fail|error|unreachable|availab/i),
  other_writers: otherWriters,
  refusal_metrics: (context) => one(refusals(context)),
  column_stem: (context) => one(columnStem(context)),
  inputs: inputsOf,
  any_query: () => ['SELECT'],
  feed_metrics: feedMetrics,
  dropped_metrics: metricsAbout(/dropped|late (?:rows|events|records)|lateness|watermark|event.?time/i),
  file_metrics: fileMetrics,
  pool_metrics: poolMetrics,
  progress_metrics: progressMetrics,
  lever_file: (context) => one(unknownLever(context)?.file),
};

function metricsAbout(words: RegExp): (context: Context) => string[] {
  return ({ file }) =>
    file.metrics.filter(({ name, meaning }) => words.test(`${name} ${meaning}`)).map(({ name }) => name);
}

/** What was seen of a case, for the sentence that says why it is not this. */
function told(context: Context): Partial<Record<(typeof CASE_NAMES)[number], string | undefined>> {
  const lever = unknownLever(context);
  const changed = recentChanges(context).map(({ setting, was, is }) => `${setting.path} (${was} to ${is})`);
  return {
    'code.age': codeAge(context).age,
    'lever.key': lever === undefined ? undefined : leafOf(lever),
    'lever.path': lever?.path,
    'other.user': largestOther(context)?.fields['user'],
    changed_settings: changed.length === 0 ? undefined : [...new Set(changed)].join(', '),
  };
}

/** Lists and further names that files may use. */
export const PLACES = { lists: LISTS, told };
