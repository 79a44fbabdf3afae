import type { AimRow } from './summary-aims.js';
import type { RunSummary } from './summary-run.js';
import type { Share } from './summary-shares.js';

/** `83%`; one digit more below 10%, where it is what matters. */
export function percent(value: number): string {
  const digits = value > 0 && value < 0.0995 ? 1 : 0;
  return `${(value * 100).toFixed(digits)}%`;
}

export function times(value: number): string {
  return `${value.toFixed(1)}x`;
}

export function usd(value: number): string {
  return `$${value.toFixed(value === 0 || value >= 1 ? 2 : value < 0.01 ? 4 : 3)}`;
}

/** `83%`, or a dash where there is nothing to take a share of. */
export function shareText(share: Share): string {
  return share.n === 0 ? '–' : percent(share.share);
}

/** `71% to 93%`. */
export function intervalText(share: Share): string {
  return share.n === 0 ? '–' : `${percent(share.low)} to ${percent(share.high)}`;
}

/** What a share of nothing, or of a few, still allows: zero seen is not zero. */
export function atMost(share: Share): string {
  return share.n === 0 ? '–' : `≤ ${percent(share.high)}`;
}

/** `at least 60%: 47%, missed`. */
export function aimText({ bar, atMost: most, got, met }: AimRow): { aim: string; got: string; met: string } {
  const words = met === null ? 'not measured' : met ? 'met' : 'missed';
  return {
    aim: `${most ? 'at most' : 'at least'} ${percent(bar)}`,
    got: `${shareText(got)} (${got.hits} of ${got.n})`,
    met: words,
  };
}

/** What must be said of a run before its figures are read. */
export function cautions(summary: RunSummary): string[] {
  const { headline } = summary;
  return [
    ...(summary.done < summary.planned
      ? [`${summary.planned - summary.done} of ${summary.planned} runs are missing: these figures are not final.`]
      : []),
    ...(summary.reported === 'dev'
      ? ['Only incidents that the responder was built on: a regression test, not its accuracy.']
      : []),
    ...(headline.infraErrors > 0
      ? [`${headline.infraErrors} runs are set apart as infrastructure errors: run them again.`]
      : []),
    ...(summary.repeats < 3 ? ['Fewer than three repeats: chance and habit can not be told apart (no pass^3).'] : []),
    ...(headline.families < 10
      ? [`Only ${headline.families} families: the intervals are wide and rest on the few there are.`]
      : []),
  ];
}

export const INTERVALS =
  '95% intervals: the wider of Clopper-Pearson over runs and a bootstrap over families (10,000 resamples, fixed seed).';

/** How each split is called where people read it. */
export const SPLITS = { heldout: 'held out', dev: 'dev' } as const;

/** Columns that a terminal is taken to have. */
export const WIDTH = 100;

/** Lines of text, broken at spaces, none wider than the terminal is taken to be. */
export function wrapped(text: string, indent = ''): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.replace(/\s+/g, ' ').trim().split(' ')) {
    for (let rest = word; rest !== ''; ) {
      const gap = line.trim() === '' ? '' : ' ';
      if (line.length + gap.length + rest.length <= WIDTH) {
        line += gap + rest;
        break;
      }
      if (line.trim() !== '') {
        lines.push(line);
        line = `${indent}  `;
        continue;
      }
      const room = WIDTH - line.length;
      lines.push(line + rest.slice(0, room));
      rest = rest.slice(room);
    }
  }
  return [...lines, line].filter((each) => each.trim() !== '');
}
