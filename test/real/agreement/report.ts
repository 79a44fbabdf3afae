import type { Agreement } from './compare.js';

const HEAD = ['Theme', 'Queries', 'Bound', 'Refused (review)', 'Faults found', 'Missed or wrong'];
const SAME = ['Same names', 'Same types', 'Same nullability', 'Same values'];

/** The figures of a run as the table that docs/drafting-agreement.md holds and the terminal shows. */
export function agreementTable(all: readonly Agreement[]): string {
  const themes = [...new Set(all.map(({ id }) => themeOf(id)))];
  const rows = [...themes.map((theme) => rowOf(theme, all.filter(({ id }) => themeOf(id) === theme))), rowOf('all', all)]; // biome-ignore format: one line
  const head = [...HEAD, ...SAME];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const themeOf = (id: string): string => id.split('.')[0] ?? id;

function rowOf(theme: string, all: readonly Agreement[]): string[] {
  const bound = all.filter(({ outcome }) => outcome === 'bound');
  const count = (...outcomes: Agreement['outcome'][]): number =>
    all.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const same = (key: 'sameNames' | 'sameTypes' | 'sameNullability' | 'sameValues'): string =>
    bound.length === 0 ? '–' : `${bound.filter((each) => each[key] === true).length} of ${bound.length}`;
  return [
    theme,
    String(all.length),
    String(bound.length),
    String(count('refused')),
    String(count('fault')),
    String(count('missed', 'wrong')),
    same('sameNames'),
    same('sameTypes'),
    same('sameNullability'),
    same('sameValues'),
  ];
}

/** The whole section: the table, then each query that is not simply the same. */
export function agreementSection(all: readonly Agreement[], versions: string): string {
  const differing = all.filter((each) => each.outcome === 'bound' && !isSame(each));
  const list = (these: readonly Agreement[]): string =>
    these.length === 0
      ? 'None.'
      : these.map((each) => `- \`${each.id}\`: ${each.notes.map(inLine).join('; ')}\n`).join('');
  return [
    '# Agreement with Spark',
    '',
    '<!-- written by: npm run real -- agreement -->',
    '',
    `Queries of fixtures/pipelines/agreement, run on ${versions}. *Bound*: the binder gave columns and SQL for the sandbox, and both results were compared: names, types, nullability, rows in any order (a query at which both stop has the same values). *Refused*: not on the verified list, so a person decides; never a green tick. *Faults found*: Spark refuses the query, and so does the binder. *Missed or wrong*: only one of the two refuses it.`,
    '',
    agreementTable(all),
    '',
    '## Missed or wrong',
    '',
    list(all.filter(({ outcome }) => outcome === 'missed' || outcome === 'wrong')),
    '## Differences',
    '',
    list(differing),
    '## Refused',
    '',
    list(all.filter(({ outcome }) => outcome === 'refused')),
  ].join('\n');
}

function isSame({ sameNames, sameTypes, sameNullability, sameValues }: Agreement): boolean {
  return sameNames === true && sameTypes === true && sameNullability === true && sameValues === true;
}

const inLine = (text: string): string => text.replaceAll(/\s+/g, ' ').slice(0, 300);
