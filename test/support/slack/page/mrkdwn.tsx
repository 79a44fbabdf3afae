import type { ComponentChildren, VNode } from 'preact';
import { dateText, emoji, type Names, safeUrl, unescaped } from './names.js';

/**
 * Slack's `mrkdwn` as nodes. Text from the app only ever becomes text nodes, so nothing in it can become markup; a link that is not
 * http, https or mailto stays text.
 */
export function Mrkdwn({ text, names, verbatim = false }: { text: string; names: Names; verbatim?: boolean }): VNode {
  const parts = text.split(/(```[\s\S]*?```)/);
  return (
    <div class="mrkdwn">
      {parts.map((part, at) => {
        if (part.length > 6 && part.startsWith('```') && part.endsWith('```'))
          return <pre key={at}>{inlineOnly(part.slice(3, -3).replace(/^\n/, ''), names)}</pre>;
        return paragraphs(trimBreaks(part, at > 0, at < parts.length - 1), names, verbatim);
      })}
    </div>
  );
}

/** A break beside a code box belongs to the box. */
function trimBreaks(part: string, before: boolean, after: boolean): string {
  const start = before ? part.replace(/^\n/, '') : part;
  return after ? start.replace(/\n$/, '') : start;
}

function paragraphs(text: string, names: Names, verbatim: boolean): ComponentChildren[] {
  if (text === '') return [];
  const groups: { quote: boolean; lines: string[] }[] = [];
  for (const line of text.split('\n')) {
    const quoted = /^(?:>|&gt;) ?/.exec(line);
    const content = quoted === null ? line : line.slice(quoted[0].length);
    const last = groups.at(-1);
    if (last !== undefined && last.quote === (quoted !== null)) last.lines.push(content);
    else groups.push({ quote: quoted !== null, lines: [content] });
  }
  return groups.map(({ quote, lines }, at) => {
    const content = lines.flatMap((line, index) => [index > 0 ? <br /> : null, ...inline(line, names, verbatim)]);
    return quote ? <blockquote key={at}>{content}</blockquote> : <span key={at}>{content}</span>;
  });
}

const EDGE = '[A-Za-z0-9]';
const marked = (mark: string): string =>
  `(?<!${EDGE}|\\${mark})\\${mark}(?!\\s)((?:\`[^\`\\n]*\`|<[^<>\\n]*>|[^${mark}\\n])+?)(?<!\\s)\\${mark}(?!${EDGE}|\\${mark})`;
const PIECE = new RegExp(
  [
    '`([^`\\n]+)`',
    '<([^<>\\n]+)>',
    marked('*'),
    marked('_'),
    marked('~'),
    ':([a-z0-9_+-]{1,40}):',
    '(https?://[^\\s<>|`]+)',
  ].join('|'),
  'g',
);

function inline(text: string, names: Names, verbatim: boolean): ComponentChildren[] {
  const out: ComponentChildren[] = [];
  let from = 0;
  for (const match of text.matchAll(PIECE)) {
    const piece = pieceOf(match, names, verbatim);
    if (match.index > from) out.push(unescaped(text.slice(from, match.index)));
    out.push(piece);
    from = match.index + match[0].length;
  }
  if (from < text.length) out.push(unescaped(text.slice(from)));
  return out;
}

function pieceOf(match: RegExpMatchArray, names: Names, verbatim: boolean): ComponentChildren {
  const [whole, code, special, bold, italic, strike, name, url] = match;
  if (code !== undefined) return <code>{inlineOnly(code, names)}</code>;
  if (special !== undefined) return specialPiece(special, names);
  if (bold !== undefined) return <strong>{inline(bold, names, verbatim)}</strong>;
  if (italic !== undefined) return <em>{inline(italic, names, verbatim)}</em>;
  if (strike !== undefined) return <s>{inline(strike, names, verbatim)}</s>;
  if (name !== undefined) return <Emoji name={name} />;
  if (url !== undefined && !verbatim) return bareLink(url);
  return unescaped(whole);
}

/** In code only Slack's own `<…>` tokens mean something. */
function inlineOnly(text: string, names: Names): ComponentChildren[] {
  return text
    .split(/(<[^<>\n]+>)/)
    .map((part) => (/^<[^<>\n]+>$/.test(part) ? specialPiece(part.slice(1, -1), names) : unescaped(part)));
}

/** What stands between `<` and `>`: a mention, a date or a link. */
function specialPiece(inside: string, names: Names): ComponentChildren {
  const bar = inside.indexOf('|');
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? undefined : unescaped(inside.slice(bar + 1));
  if (target.startsWith('@')) return <Mention>{`@${names.user(target.slice(1)) ?? label ?? target.slice(1)}`}</Mention>;
  if (target.startsWith('#'))
    return <Mention>{`#${names.channel(target.slice(1)) ?? label ?? target.slice(1)}`}</Mention>;
  const group = /^!subteam\^([A-Z0-9]+)$/.exec(target)?.[1];
  if (group !== undefined) return <Mention>{`@${(names.group(group) ?? label ?? group).replace(/^@/, '')}`}</Mention>;
  const date = /^!date\^(-?\d+)\^([^^]*)(?:\^.*)?$/.exec(target);
  if (date !== null) return <time>{dateText(Number(date[1]), date[2] ?? '', label ?? '')}</time>;
  if (target.startsWith('!')) return <Mention>{`@${label ?? target.slice(1)}`}</Mention>;
  const url = unescaped(target);
  // What is neither a call nor an address is text with angle brackets around it.
  if (safeUrl(url) === undefined) return unescaped(`<${inside}>`);
  return <Link url={url}>{label ?? url}</Link>;
}

function bareLink(found: string): ComponentChildren {
  const url = unescaped(found);
  const end = /[.,;:!?)\]'"]+$/.exec(url)?.[0] ?? '';
  return [<Link url={url.slice(0, url.length - end.length)}>{url.slice(0, url.length - end.length)}</Link>, end];
}

export function Mention({ children }: { children: ComponentChildren }): VNode {
  return <span class="mention">{children}</span>;
}

const CIRCLES = /^(?:large_)?(red|orange|yellow|green|blue|white|black)_circle$/;

/** The circles that stand for states are drawn, so that they are seen where no font has colours; the others are letters. */
export function Emoji({ name }: { name: string }): VNode {
  const colour = CIRCLES.exec(name)?.[1];
  const glyph = emoji(name);
  if (colour !== undefined) return <span class={`dot ${colour}`} role="img" aria-label={`${colour} circle`} />;
  return <>{glyph ?? `:${name}:`}</>;
}

/** Opens beside the page and tells the other side nothing; text where the address is not one to follow. */
export function Link({ url, children }: { url: string; children: ComponentChildren }): VNode {
  const href = safeUrl(url);
  if (href === undefined) return <span>{children}</span>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}
