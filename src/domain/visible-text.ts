/** Text for people, whatever a chat it is shown in: without what deceives, and fitted without anything being lost silently. */

const CONTROLS = /(?![\n\t])\p{Cc}|[\u2028\u2029\ufeff]/gu;
/** They reverse what stands around them, so a text could read as its opposite. */
const BIDI_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g;
/** Most texts; they need no further look. */
const PLAIN = /^[\n -~]*$/;
const LONE_SURROGATES = /\p{Surrogate}/gu;

/** Without what cannot be seen but changes what is seen; what was there shows as a replacement mark. */
export function clean(text: string): string {
  return PLAIN.test(text) ? text : cleaned(text);
}

function cleaned(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll('\r', '\n')
    .replace(CONTROLS, '\ufffd')
    .replace(BIDI_CONTROLS, '\ufffd')
    .replace(LONE_SURROGATES, '\ufffd');
}

/** `1 more line`, `38 more lines`. */
export function count(amount: number, one: string, many = `${one}s`): string {
  return `${amount.toLocaleString('en-US')} ${amount === 1 ? one : many}`;
}

/** Texts fitted into rooms, both measured as one chat does. */
export interface TextFitting {
  sizeOf(text: string): number;
  /** The longest beginning whose size is at most `room`, never half a letter. */
  beginning(text: string, room: number): string;
  /** At most this size; what is cut ends in an ellipsis. For names and labels, not for what somebody decides on. */
  clipped(text: string, room: number): string;
  /** As much as there is room for, and how much more there is; nothing is cut silently. */
  shortened(text: string, room: number, where: string): string;
  /** In pieces of at most this size, broken at line ends where there are any. Nothing is lost. */
  inPieces(text: string, room: number): string[];
}

/** `costOf` one UTF-16 code unit, at least 1. */
export function textFitting(costOf: (unit: number) => number): TextFitting {
  const sizeOf = (text: string): number => {
    let size = 0;
    for (let at = 0; at < text.length; at += 1) size += costOf(text.charCodeAt(at));
    return size;
  };
  const beginning = (text: string, room: number): string => {
    let size = 0;
    let end = 0;
    for (; end < text.length; end += 1) {
      size += costOf(text.charCodeAt(end));
      if (size > room) break;
    }
    if (end === text.length) return text;
    const half = end > 0 && text.charCodeAt(end - 1) >= 0xd800 && text.charCodeAt(end - 1) <= 0xdbff;
    return text.slice(0, half ? end - 1 : end);
  };
  const clipped = (text: string, room: number): string => {
    const tidy = clean(text);
    return sizeOf(tidy) <= room ? tidy : `${beginning(tidy, room - costOf(0x2026))}…`;
  };
  const shortened = (text: string, room: number, where: string): string => {
    const tidy = clean(text);
    if (sizeOf(tidy) <= room) return tidy;
    const shown = beginning(tidy, Math.max(0, room - 60));
    return `${shown}… (${count([...tidy].length - [...shown].length, 'more character')}: ${where})`;
  };
  const inPieces = (text: string, room: number): string[] => {
    const found: string[] = [];
    let rest = clean(text);
    while (sizeOf(rest) > room) {
      const most = beginning(rest, room);
      const line = most.lastIndexOf('\n');
      const end = line > 0 ? line : most.length;
      found.push(rest.slice(0, end));
      rest = rest.slice(line > 0 ? end + 1 : end);
    }
    return [...found, rest];
  };
  return { sizeOf, beginning, clipped, shortened, inPieces };
}
