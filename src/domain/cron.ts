const NAMED: Record<string, string> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@quarterly': '0 0 1 */3 *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const DAY_MS = 86_400_000;
/** 29 February is at most eight years away. */
const LOOK_AHEAD_DAYS = 8 * 366;

interface Cron {
  minutes: Set<number>;
  hours: Set<number>;
  days: Set<number>;
  months: Set<number>;
  weekdays: Set<number>;
  /** Cron's odd rule: when day of month and day of week are both given, either is enough. */
  eitherDay: boolean;
}

/** First time strictly after the instant at which a schedule of five fields (or `@daily` and the like) is due, in UTC; undefined for anything else. */
export function nextRun(schedule: string | undefined, after: Date): Date | undefined {
  const cron = schedule === undefined ? undefined : parsed(schedule);
  if (cron === undefined) return undefined;
  const firstMinute = Math.floor(after.getTime() / 60_000) * 60_000 + 60_000;
  const today = Math.floor(firstMinute / DAY_MS) * DAY_MS;
  for (let ahead = 0; ahead <= LOOK_AHEAD_DAYS; ahead++) {
    const day = today + ahead * DAY_MS;
    if (!isDue(cron, new Date(day))) continue;
    const found = firstOfDay(cron, day, firstMinute);
    if (found !== undefined) return new Date(found);
  }
  return undefined;
}

function isDue(cron: Cron, day: Date): boolean {
  if (!cron.months.has(day.getUTCMonth() + 1)) return false;
  const ofMonth = cron.days.has(day.getUTCDate());
  const ofWeek = cron.weekdays.has(day.getUTCDay());
  return cron.eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek;
}

function firstOfDay({ hours, minutes }: Cron, day: number, notBefore: number): number | undefined {
  for (const hour of [...hours].sort((a, b) => a - b)) {
    for (const minute of [...minutes].sort((a, b) => a - b)) {
      const at = day + (hour * 60 + minute) * 60_000;
      if (at >= notBefore) return at;
    }
  }
  return undefined;
}

function parsed(schedule: string): Cron | undefined {
  const text = schedule.trim().toLowerCase();
  const fields = (NAMED[text] ?? text).split(/\s+/);
  const [minute, hour, day, month, weekday] = fields;
  if (fields.length !== 5 || !minute || !hour || !day || !month || !weekday) return undefined;
  const minutes = valuesOf(minute, 0, 59);
  const hours = valuesOf(hour, 0, 23);
  const days = valuesOf(day, 1, 31);
  const months = valuesOf(month, 1, 12, MONTHS, 1);
  const weekdays = valuesOf(weekday, 0, 7, DAYS, 0);
  if (!minutes || !hours || !days || !months || !weekdays) return undefined;
  if (weekdays.has(7)) weekdays.add(0);
  return { minutes, hours, days, months, weekdays, eitherDay: !day.startsWith('*') && !weekday.startsWith('*') };
}

/** `*`, `5`, `1-5`, `*\/10`, `1-5/2`, names, and lists of these; undefined when it is none. */
function valuesOf(field: string, min: number, max: number, names: string[] = [], first = 0): Set<number> | undefined {
  const found = new Set<number>();
  const numberOf = (text: string): number => {
    const named = names.indexOf(text);
    if (named >= 0) return named + first;
    return /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  };
  for (const part of field.split(',')) {
    const [range = '', stepText] = part.split('/');
    const step = stepText === undefined ? 1 : Number(stepText);
    const [from, to = stepText === undefined ? from : String(max)] =
      range === '*' ? [String(min), String(max)] : range.split('-');
    const low = numberOf(from ?? '');
    const high = numberOf(to ?? '');
    if (!(low >= min && high <= max && low <= high && Number.isInteger(step) && step >= 1)) return undefined;
    for (let value = low; value <= high; value += step) found.add(value);
  }
  return found;
}
