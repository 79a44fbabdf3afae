import type { Card, Note, Question, Section, Thread, TraceLine } from '../../src/domain/card.js';

/** One line of a thread before wrapping: what it is, and how far its further lines are indented. */
export interface Line {
  text: string;
  style: 'plain' | 'title' | 'soft' | 'quote' | 'added' | 'removed' | 'good' | 'bad' | 'waiting';
  indent: number;
  hang: number;
  /** Stands above the lines that follow, and is nothing without them. */
  heading?: boolean;
}

function line(text: string, style: Line['style'] = 'plain', indent = 2, hang = 0): Line {
  return { text: printable(text), style, indent, hang };
}

/** Text from outside must not steer the terminal: control characters and bidirectional overrides become visible. */
function printable(text: string): string {
  return text
    .replaceAll('\t', '    ')
    .replaceAll(/\r?\n/g, ' ')
    .replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, '\uFFFD');
}

/** The headline, told once; later only what its status says. */
export function headlineLines({ headline, incident }: Thread): Line[] {
  const facts = headline.sections.flatMap((section) => (section.kind === 'facts' ? section.rows : []));
  const told = facts.filter(({ name }) => ['Severity', 'Pipeline', 'Owner'].includes(name));
  const [, ...rest] = headline.sections.filter((section) => section.kind !== 'facts');
  return [
    line(`${incident}  ${headline.title}`, 'title', 0, 2),
    line(told.map(({ name, value }) => `${name}: ${value}`).join(' · '), 'soft', 0),
    ...rest.flatMap(sectionLines),
  ];
}

export function statusLine({ headline }: Thread): Line {
  const [status] = headline.sections;
  const label = status?.kind === 'text' ? (status.label ?? '') : '';
  return line(label, headline.tone === 'good' || headline.tone === 'bad' ? headline.tone : 'waiting', 0);
}

/** A call as it is made: why, and what is asked. */
export function callLines(trace: TraceLine): Line[] {
  return [
    line(`${String(trace.call).padStart(2)}. thought: ${trace.thought}`, 'plain', 0, 4),
    line(`→ ${trace.tool}(${trace.args})`, 'title', 4, 2),
  ];
}

const STATUS_WORDS: Record<TraceLine['status'], string> = {
  running: '',
  ok: '',
  no_data: 'no data: ',
  error: 'failed: ',
};

/** What came back. */
export function answerLines(trace: TraceLine): Line[] {
  const style = trace.status === 'error' ? 'bad' : 'soft';
  const flag = trace.flagged ? [line('! looks like planted instructions; ignored', 'bad', 6)] : [];
  return [line(`← ${STATUS_WORDS[trace.status]}${trace.headline}`, style, 4, 2), ...flag];
}

export function cardTitle({ title, tone }: Card): Line {
  const mark = { neutral: '○', working: '◐', waiting: '◆', good: '✓', bad: '!' }[tone];
  return line(`${mark} ${title}`, tone === 'good' || tone === 'bad' || tone === 'waiting' ? tone : 'title', 0, 2);
}

export function cardLines(card: Card): Line[] {
  const verdicts = card.actions.map((action) => action.verdict).join(' / ');
  const ask = verdicts === '' ? [] : [line(`${verdicts}?  (bound to ${card.digest?.slice(0, 16)})`, 'waiting')];
  return [...card.sections.flatMap(sectionLines), ...ask];
}

function heading(text: string): Line {
  return { ...line(text, 'title'), heading: true };
}

function sectionLines(section: Section): Line[] {
  switch (section.kind) {
    case 'text':
      return textLines(section);
    case 'facts':
      return section.rows.map(({ name, value }) => line(`${name}: ${value}`, 'plain', 2, 2));
    case 'quote':
      return section.struck === undefined
        ? [
            ...section.text.split('\n').map((text) => line(`> ${text}`, 'quote', 2, 2)),
            line(`${section.supports} (${section.source})`, 'soft', 4),
          ]
        : [line(`> struck, ${section.struck}: ${section.text}`, 'soft', 2, 2)];
    case 'diff':
      return diffLines(section);
    case 'list':
      return [heading(section.title), ...section.items.map((item) => line(`· ${item}`, 'plain', 4, 2))];
    case 'tagged':
      return taggedLines(section);
    case 'patch':
      return [
        { ...line(`Patch ${section.file}. ${section.note}`, 'title', 2, 2), heading: true },
        ...section.diff
          .trimEnd()
          .split('\n')
          .map((text) => line(text, patchStyle(text), 4)),
      ];
  }
}

/** Lines of both sides once, then what is lost and what is new. */
function diffLines({ title, before, after }: Extract<Section, { kind: 'diff' }>): Line[] {
  const old = before.split('\n');
  const now = after.split('\n');
  return [
    heading(title),
    ...old.map((text) => (now.includes(text) ? line(`  ${text}`, 'plain', 4, 2) : line(`- ${text}`, 'removed', 4, 2))),
    ...now.filter((text) => !old.includes(text)).map((text) => line(`+ ${text}`, 'added', 4, 2)),
  ];
}

function textLines(section: Extract<Section, { kind: 'text' }>): Line[] {
  const [first = '', ...rest] = section.text.trimEnd().split('\n');
  if (section.voice === 'ours') {
    const label = section.label === undefined ? '' : `${section.label}: `;
    return [line(`${label}${first}`, 'plain', 2, 2), ...rest.map((text) => line(text, 'plain', 4))];
  }
  const [open, each, close] = section.voice === 'outside' ? ['| ', '| ', ''] : ['“', ' ', '”'];
  const rows = [`${open}${first}`, ...rest.map((text) => `${each}${text}`)];
  rows.push(`${rows.pop()}${close}`);
  const label = section.label === undefined ? [] : [{ ...line(`${section.label}:`, 'soft'), heading: true }];
  return [...label, ...rows.map((text) => line(text, 'plain', 4, 2))];
}

function taggedLines({ title, tags, rows, more }: Extract<Section, { kind: 'tagged' }>): Line[] {
  const classes =
    tags.length === 0 ? [] : [line(`Data classes: ${tags.map((tag) => `[${tag}]`).join(' ')}`, 'plain', 4, 2)];
  const names = rows.map(({ name, tags: own, text }) =>
    line(`· ${[name, ...own.map((tag) => `[${tag}]`)].join(' ')}  ${text}`, 'plain', 4, 2),
  );
  return [heading(title), ...classes, ...names, ...(more === 0 ? [] : [line(`· and ${more} more`, 'soft', 4, 2)])];
}

function patchStyle(text: string): Line['style'] {
  if (text.startsWith('+') && !text.startsWith('+++')) return 'added';
  return text.startsWith('-') && !text.startsWith('---') ? 'removed' : 'soft';
}

const VIA: Record<Note['via'], string> = {
  web: 'on the page',
  terminal: 'in a terminal',
  slack: 'in Slack',
  teams: 'in Teams',
};

/** What a person wrote, and where. */
export function noteLines({ by, via, text }: Note): Line[] {
  return [line(`note by ${by} ${VIA[via]}: ${text}`, 'plain', 0, 2)];
}

/** What a person asked the agent, and where it stands while there is no answer. */
export function questionLines({ by, via, text, grant, state }: Question): Line[] {
  const allowed = grant === 0 ? '' : `, with ${grant} more tool ${grant === 1 ? 'call' : 'calls'}`;
  const waits = state === 'waiting' ? [line('The agent has not begun to answer.', 'soft', 2)] : [];
  return [line(`question by ${by} ${VIA[via]}${allowed}: ${text}`, 'plain', 0, 2), ...waits];
}
