const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** As `instantWords` says an instant. */
const INSTANT = new RegExp(String.raw`\b(\d{2}):(\d{2}) UTC, (\d{1,2}) (${MONTHS.join('|')})\b`, 'g');

/** An instant that a text says in our words, and where. */
export interface SaidInstant {
  index: number;
  text: string;
  /** Seconds since 1970. */
  seconds: number;
}

/** `near` gives the year, which such words do not say. */
export function instantsIn(text: string, near: string): SaidInstant[] {
  return [...text.matchAll(INSTANT)].flatMap((match) => {
    const seconds = secondsOf(match, near);
    return seconds === undefined ? [] : [{ index: match.index, text: match[0], seconds }];
  });
}

/** In the year that brings it closest; undefined for a time or a day that there is not. */
function secondsOf([, hours, minutes, day, month]: RegExpExecArray, near: string): number | undefined {
  const around = Date.parse(near);
  const year = new Date(around).getUTCFullYear();
  const at = [year - 1, year, year + 1]
    .map((one) => Date.UTC(one, MONTHS.indexOf(month ?? ''), Number(day), Number(hours), Number(minutes)))
    .sort((a, b) => Math.abs(a - around) - Math.abs(b - around))[0];
  if (at === undefined) return undefined;
  const read = new Date(at);
  const same = read.getUTCDate() === Number(day) && read.getUTCHours() === Number(hours) && Number(minutes) < 60;
  return same ? at / 1000 : undefined;
}
