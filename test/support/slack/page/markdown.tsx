import type { ComponentChildren, VNode } from 'preact';
import { Link } from './mrkdwn.js';
import { withEmoji } from './names.js';

/** A `markdown` block: the part of standard Markdown that Slack renders. Text only ever becomes text nodes. */
export function Markdown({ text }: { text: string }): VNode {
  const lines = text.split('\n');
  const out: VNode[] = [];
  let at = 0;
  while (at < lines.length) {
    const step = READERS.map((read) => read(lines, at)).find((found) => found !== undefined);
    if (step === undefined) at += 1;
    else {
      out.push(step.node);
      at = step.next;
    }
  }
  return <div class="markdown">{out}</div>;
}

interface Step {
  node: VNode;
  next: number;
}
type Reader = (lines: readonly string[], at: number) => Step | undefined;

const fence: Reader = (lines, at) => {
  if (!lines[at]?.startsWith('```')) return undefined;
  let end = at + 1;
  while (end < lines.length && !lines[end]?.startsWith('```')) end += 1;
  return { node: <pre>{lines.slice(at + 1, end).join('\n')}</pre>, next: end + 1 };
};

const heading: Reader = (lines, at) => {
  const found = /^(#{1,6})\s+(.*)$/.exec(lines[at] ?? '');
  return found === null ? undefined : { node: <p class="heading">{inline(found[2] ?? '')}</p>, next: at + 1 };
};

const rule: Reader = (lines, at) =>
  /^(-{3,}|\*{3,})\s*$/.test(lines[at] ?? '') ? { node: <hr />, next: at + 1 } : undefined;

const quote: Reader = (lines, at) => {
  const end = whileLines(lines, at, /^>/);
  if (end === at) return undefined;
  return {
    node: <blockquote>{breaks(lines.slice(at, end).map((line) => line.replace(/^> ?/, '')))}</blockquote>,
    next: end,
  };
};

const bullets: Reader = (lines, at) => listOf(lines, at, /^\s*[-*+]\s+/, (items) => <ul>{items}</ul>);
const numbers: Reader = (lines, at) => listOf(lines, at, /^\s*\d+[.)]\s+/, (items) => <ol>{items}</ol>);

function listOf(lines: readonly string[], at: number, mark: RegExp, wrap: (items: VNode[]) => VNode): Step | undefined {
  const end = whileLines(lines, at, mark);
  if (end === at) return undefined;
  return { node: wrap(lines.slice(at, end).map((line) => <li>{inline(line.replace(mark, ''))}</li>)), next: end };
}

const table: Reader = (lines, at) => {
  if (!/^\|.*\|\s*$/.test(lines[at] ?? '') || !/^\|[\s:|-]+\|\s*$/.test(lines[at + 1] ?? '')) return undefined;
  const end = whileLines(lines, at, /^\|.*\|\s*$/);
  const cells = (line: string): string[] => line.trim().slice(1, -1).split('|');
  const rows = lines.slice(at + 2, end);
  const node = (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            {cells(lines[at] ?? '').map((cell) => (
              <th>{inline(cell.trim())}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {cells(row).map((cell) => (
                <td>{inline(cell.trim())}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
  return { node, next: end };
};

const paragraph: Reader = (lines, at) => {
  let end = at;
  while (end < lines.length && lines[end]?.trim() !== '' && (end === at || !STARTS.test(lines[end] ?? ''))) end += 1;
  return end === at ? undefined : { node: <p>{breaks(lines.slice(at, end))}</p>, next: end };
};

const STARTS = /^(```|#{1,6}\s|>|\s*[-*+]\s+|\s*\d+[.)]\s+|\|)/;
const READERS: Reader[] = [fence, heading, rule, quote, bullets, numbers, table, paragraph];

function whileLines(lines: readonly string[], at: number, pattern: RegExp): number {
  let end = at;
  while (end < lines.length && pattern.test(lines[end] ?? '')) end += 1;
  return end;
}

function breaks(lines: readonly string[]): ComponentChildren[] {
  return lines.flatMap((line, at) => [at > 0 ? <br /> : null, ...inline(line)]);
}

const PIECE =
  /`([^`]+)`|\[([^\]]+)\]\(([^()\s]+)\)|\*\*([^*]+)\*\*|(?<![\w*])\*([^*\s][^*]*)\*(?!\w)|(?<!\w)_([^_]+)_(?!\w)|~~([^~]+)~~|(https?:\/\/[^\s<>`)]+)|\\([\\`*_{}[\]()#+.!|<>~-])/g;

function inline(text: string): ComponentChildren[] {
  const out: ComponentChildren[] = [];
  let from = 0;
  for (const match of text.matchAll(PIECE)) {
    out.push(withEmoji(text.slice(from, match.index)), pieceOf(match));
    from = match.index + match[0].length;
  }
  out.push(withEmoji(text.slice(from)));
  return out;
}

function pieceOf(match: RegExpMatchArray): ComponentChildren {
  const [, code, label, url, bold, italic, under, strike, bare, escaped] = match;
  if (code !== undefined) return <code>{code}</code>;
  if (label !== undefined && url !== undefined) return <Link url={url}>{label}</Link>;
  if (bold !== undefined) return <strong>{inline(bold)}</strong>;
  if (italic !== undefined) return <em>{inline(italic)}</em>;
  if (under !== undefined) return <em>{inline(under)}</em>;
  if (strike !== undefined) return <s>{inline(strike)}</s>;
  if (bare !== undefined) return <Link url={bare}>{bare}</Link>;
  return escaped ?? '';
}
