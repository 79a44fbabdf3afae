import type { Section, TaggedRow } from '../domain/card.js';
import type { BlastConsumer, BlastDetail, BlastTable, Proposal } from '../domain/proposal.js';
import { counted, instantWords } from './words.js';

/** Names a person reads on a phone; the rest is counted. The most sensitive and the nearest come first. */
const SHOWN = 6;
const DOUBTS_SHOWN = 3;

/** What a repair touches and feeds: tables with owners and classes, who reads them and when next, columns, and what is doubtful. */
export function blastRadiusSections(blastRadius: Proposal['blastRadius']): Section[] {
  const { detail } = blastRadius;
  if (detail === undefined) return namesOnly(blastRadius);
  const nothing = detail.total.tables === 0 && detail.total.consumers === 0;
  return [
    ...(nothing ? [nobody(detail)] : []),
    ...tablesSection(detail),
    ...consumersSection(detail),
    ...columnsSection(detail),
    ...doubtsSection(detail),
  ];
}

/** Proposals of before the details existed. */
function namesOnly({ datasets, pipelines }: Proposal['blastRadius']): Section[] {
  if (datasets.length === 0 && pipelines.length === 0) return [nobody(undefined)];
  const size = `${counted(datasets.length, 'dataset')}, ${counted(pipelines.length, 'pipeline')}`;
  const items = [...pipelines.map(({ dag, owner }) => `DAG ${dag}, owned by ${owner}`), ...datasets];
  return [{ kind: 'list', title: `Built from this, downstream: ${size}`, items }];
}

function nobody(detail: BlastDetail | undefined): Section {
  const by = detail === undefined ? 'the inventory knows of' : 'the inventory or an observed run knows of';
  return { kind: 'list', title: 'Built from this, downstream', items: [`Nothing that ${by}`] };
}

function tablesSection({ tables, total, classes }: BlastDetail): Section[] {
  const touched = tables.filter(({ hops }) => hops === 0);
  if (total.tables === 0 && touched.every((table) => table.classes.length === 0)) return [];
  const farthest = Math.max(0, ...tables.map(({ hops }) => hops));
  const far = farthest > 1 ? `, up to ${farthest} jobs away` : '';
  // The steps name what they touch; here it stands only where its data are of a class.
  const told = touched.filter((table) => table.classes.length > 0);
  const rows = tables.filter((table) => table.hops > 0 || told.includes(table)).slice(0, SHOWN);
  return [
    {
      kind: 'tagged',
      title: `Touches ${counted(touched.length, 'table')}; built from ${touched.length === 1 ? 'it' : 'them'}, downstream: ${counted(total.tables, 'table')}${far}`,
      tags: classes,
      rows: rows.map(tableRow),
      more: total.tables + told.length - rows.length,
    },
  ];
}

function tableRow({ name, classes, owner, hops, observed }: BlastTable): TaggedRow {
  const distance = hops === 0 ? 'touched by this repair' : `${counted(hops, 'job')} away`;
  return { name, tags: classes, text: [distance, ownerText(owner), seenText(observed)].filter(Boolean).join(', ') };
}

function consumersSection({ consumers, total }: BlastDetail): Section[] {
  if (total.consumers === 0) return [];
  const dueAt = ({ nextRun }: BlastConsumer): number => Date.parse(nextRun ?? '9999-12-31');
  const soonest = [...consumers].sort((a, b) => dueAt(a) - dueAt(b));
  const rows = soonest.slice(0, SHOWN);
  return [
    {
      kind: 'tagged',
      title: `Runs on it next: ${counted(total.consumers, 'pipeline or job', 'pipelines and jobs')}`,
      tags: [],
      rows: rows.map(consumerRow),
      more: total.consumers - rows.length,
    },
  ];
}

function consumerRow({ name, owner, nextRun, schedule, critical, observed }: BlastConsumer): TaggedRow {
  const unplanned = observed === undefined ? 'no schedule, runs when it is triggered' : 'schedule not known';
  const unread = schedule === undefined ? unplanned : `schedule ${schedule}`;
  const when = nextRun === undefined ? unread : `due ${instantWords(nextRun)}`;
  return {
    name,
    tags: critical ? ['critical'] : [],
    text: [when, ownerText(owner), seenText(observed)].filter(Boolean).join(', '),
  };
}

function ownerText(owner: string | undefined): string {
  return owner === undefined ? 'owner not known' : `owned by ${owner}`;
}

function seenText(observed: string | undefined): string {
  return observed === undefined ? '' : `only seen in runs, last ${instantWords(observed)}`;
}

function columnsSection({ columns }: BlastDetail): Section[] {
  if (columns === undefined) return [];
  const { of, built, total, unknownTables } = columns;
  const shown = built.slice(0, SHOWN).map((name) => name.replace(/\.\*$/, ' (which rows it has)'));
  const more = total > shown.length ? [`and ${total - shown.length} more`] : [];
  const none = total === 0 ? ['None that a run was seen to make'] : [];
  const unknown =
    unknownTables === 0
      ? []
      : [`Not known for ${counted(unknownTables, 'downstream table')}: no run said which columns it reads`];
  return [{ kind: 'list', title: `Columns made from ${of}`, items: [...shown, ...more, ...none, ...unknown] }];
}

function doubtsSection({ doubts }: BlastDetail): Section[] {
  if (doubts.length === 0) return [];
  const title = 'Inventory and observed runs differ; both are counted above';
  const more = doubts.length > DOUBTS_SHOWN ? [`and ${doubts.length - DOUBTS_SHOWN} more`] : [];
  return [{ kind: 'list', title, items: [...doubts.slice(0, DOUBTS_SHOWN), ...more] }];
}
