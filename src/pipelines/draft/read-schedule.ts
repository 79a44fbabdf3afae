import { fieldsOf } from '../graph/cron-fields.js';
import type { IntentSchedule } from './intent.js';
import { phrase } from './phrases.js';
import { ask, type Reading } from './reading.js';

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
const TIME =
  "(?:at_+)?(\\d{1,2}(?:[:.]\\d{2})?\\s*(?:am|pm|a\\.m\\.|p\\.m\\.)?|midnight|noon|midday)(?:\\s*(?:h|hrs|hours|o'clock)\\b)?";
const ZONE =
  '(?:_+|\\s*\\()?((?:in_+)?(?:UTC|GMT|CET|CEST|[A-Z][a-z]+\\/[A-Z][A-Za-z_]+|Zurich|London|Berlin|Paris|New_+York)(?:_+time)?)?\\)?';
const RUNS =
  '(?:(?:it_+|and_+|to_+|should_+|must_+|please_+)*(?:runs?|running|scheduled?|schedule_+it|executed?|refresh\\w*|start\\w*)(?:_+(?:it|as))?[:,]?_+)?';
const ZONES: Record<string, string> = {
  gmt: 'Etc/GMT',
  cet: 'Europe/Zurich',
  cest: 'Europe/Zurich',
  zurich: 'Europe/Zurich',
  london: 'Europe/London',
  berlin: 'Europe/Berlin',
  paris: 'Europe/Paris',
  'new york': 'America/New_York',
};
const DEFAULT_TIME = { hour: 4, minute: 0 };

/** When the pipeline runs. Without a word about it: daily at 04:00 UTC, and the asker is told. */
export function readSchedule(reading: Reading): IntentSchedule {
  const maxRuntime = runtimeOf(reading);
  const cron = cronText(reading) ?? interval(reading) ?? calendar(reading);
  if (cron !== undefined) return { ...cron, maxRuntime };
  ask(reading, 'when does it run?', ['daily at 04:00 UTC', 'hourly', 'monthly on the 1st'], 'daily at 04:00 UTC');
  return { cron: '0 4 * * *', timezone: 'UTC', maxRuntime };
}

function runtimeOf({ phrases }: Reading): number {
  const found = phrases.take(
    phrase(
      '(?:and_+)?(?:(?:must_+|should_+)?(?:finish|be_+done|complete)\\w*_+(?:with)?in|max(?:imum)?_+run\\s?time(?:_+of|:)?|timeout(?:_+of|_+after)?)_+(\\d{1,4})_+(minutes?|mins?|hours?)',
    ),
  );
  const minutes = Number(found?.[1] ?? 60) * (found?.[2]?.startsWith('h') ? 60 : 1);
  return Math.min(Math.max(minutes, 1), 1440);
}

function cronText(reading: Reading): Omit<IntentSchedule, 'maxRuntime'> | undefined {
  const found = reading.phrases.take(
    phrase(`${RUNS}(?:with_+)?(?:the_+)?cron(?:_+expression|_+schedule)?:?_+@q(\\d+)${ZONE}`),
  );
  if (found === undefined) return undefined;
  const cron = reading.linked.quotes[Number(found[1])] ?? '';
  // Whether its fields are possible times is for the checks of the config, which know the calendar.
  if (fieldsOf(cron) !== undefined) return { cron, timezone: zoneOf(reading, found[2]) };
  ask(reading, `'${cron}' is no cron expression of five fields`);
  return { cron: '0 4 * * *', timezone: 'UTC' };
}

function interval(reading: Reading): Omit<IntentSchedule, 'maxRuntime'> | undefined {
  const found = reading.phrases.take(
    phrase(`${RUNS}every_+(\\d{1,2}|half|quarter_+of_+an)?_*(minutes?|mins?|hours?)\\b`.replaceAll('_*', '\\s*')),
  );
  if (found === undefined) {
    const hourly = reading.phrases.take(
      phrase(`(?:${RUNS.replace(/\?$/, '')}(?:hourly|each_+hour)|hourly_+(?:pipeline|job|run|schedule))\\b`),
    );
    return hourly === undefined ? undefined : { cron: '0 * * * *', timezone: 'UTC' };
  }
  const [, count = '1', unit = 'hour'] = found;
  if (/^half/.test(count)) return { cron: '*/30 * * * *', timezone: 'UTC' };
  const number = Number(count);
  const most = unit.startsWith('h') ? 24 : 60;
  if (!Number.isInteger(number) || number < 1 || most % number !== 0) {
    ask(
      reading,
      `every ${count} ${unit} does not divide the ${most === 24 ? 'day' : 'hour'}: when exactly does it run?`,
    );
    return { cron: '0 * * * *', timezone: 'UTC' };
  }
  if (unit.startsWith('h')) return { cron: number === 1 ? '0 * * * *' : `0 */${number} * * *`, timezone: 'UTC' };
  return { cron: number === 1 ? '* * * * *' : `*/${number} * * * *`, timezone: 'UTC' };
}

const DAY = `(${DAYS.join('|')})s?`;
/** Forms from the narrowest to the widest: the day part of a cron expression, and where the time stands in the match. */
const FORMS: readonly { pattern: string; day: (found: RegExpExecArray) => string }[] = [
  {
    pattern: `${RUNS}(?:monthly_+)?on_+the_+(first|1st|second|2nd|third|3rd|\\d{1,2}th|last)(?:_+day)?(?:_+of_+(?:the|each|every)_+month)?(?:,)?_+${TIME}${ZONE}`,
    day: (found) => `${dayOfMonth(found[1] ?? '')} * *`,
  },
  {
    pattern: `${RUNS}(?:weekly_+on|every|each|on)_+${DAY}(?:,)?_+${TIME}${ZONE}`,
    day: (found) => `* * ${dayOfWeek(found[1])}`,
  },
  {
    pattern: `${RUNS}(?:on_+)?(every_+)?(?:weekdays?|working_+days?|business_+days?)_+${TIME}${ZONE}`,
    day: () => '* * 1-5',
  },
  {
    pattern: `${RUNS}((?:every|each)_+(?:day|night|morning)|daily|nightly|once_+a_+day)(?:,)?_+${TIME}${ZONE}`,
    day: () => '* * *',
  },
];
const VAGUE: readonly { pattern: string; day: string; said: string }[] = [
  { pattern: `${RUNS}(?:every|each|weekly_+on)_+${DAY}`, day: '', said: 'weekly' },
  { pattern: '(?:every|each)_+(?:day|night|morning)|nightly|once_+a_+day', day: '* * *', said: 'daily' },
  {
    pattern: `${RUNS.replace(/\?$/, '')}(?:daily|each_+day)|daily_+(?:pipeline|job|run|schedule)`,
    day: '* * *',
    said: 'daily',
  },
  {
    pattern: `${RUNS.replace(/\?$/, '')}weekly|weekly_+(?:pipeline|job|run|schedule)`,
    day: '* * 1',
    said: 'on Mondays',
  },
  {
    pattern: `${RUNS.replace(/\?$/, '')}(?:monthly|once_+a_+month)|monthly_+(?:pipeline|job|run|schedule)`,
    day: '1 * *',
    said: 'on the 1st of the month',
  },
];

function calendar(reading: Reading): Omit<IntentSchedule, 'maxRuntime'> | undefined {
  for (const { pattern, day } of FORMS) {
    const found = reading.phrases.take(phrase(pattern));
    if (found === undefined) continue;
    const time = timeOf(found[2] ?? '');
    if (time === undefined) {
      ask(reading, `'${found[2]}' is no time of day`);
      return { cron: '0 4 * * *', timezone: 'UTC' };
    }
    if (/last/i.test(found[1] ?? ''))
      ask(reading, 'the last day of a month has no cron expression that every scheduler knows: which day?');
    return { cron: `${time.minute} ${time.hour} ${day(found)}`, timezone: zoneOf(reading, found[3]) };
  }
  for (const { pattern, day, said } of VAGUE) {
    const found = reading.phrases.take(
      phrase(`(?:${pattern})\\b(?!_+(?:sum|total|count|average|aggregat|figures|stat|summar|report))`),
    );
    if (found === undefined) continue;
    const days = day === '' ? `* * ${dayOfWeek(found[1])}` : day;
    ask(reading, `at which time does it run ${said}?`, [], '04:00 UTC');
    return { cron: `${DEFAULT_TIME.minute} ${DEFAULT_TIME.hour} ${days}`, timezone: 'UTC' };
  }
  return undefined;
}

function timeOf(text: string): { hour: number; minute: number } | undefined {
  if (/midnight/i.test(text)) return { hour: 0, minute: 0 };
  if (/noon|midday/i.test(text)) return { hour: 12, minute: 0 };
  const parts = /^(\d{1,2})(?:[:.](\d{2}))?\s*([ap])?/i.exec(text.trim());
  if (parts === null) return undefined;
  const [, hours, minutes = '0', half] = parts;
  const hour = half === undefined ? Number(hours) : (Number(hours) % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
  return hour < 24 && Number(minutes) < 60 ? { hour, minute: Number(minutes) } : undefined;
}

function dayOfWeek(name: string | undefined): number {
  return Math.max(
    0,
    DAYS.findIndex((day) => name?.toLowerCase().startsWith(day)),
  );
}

function dayOfMonth(word: string): number {
  const named = ['first', 'second', 'third'].indexOf(word.toLowerCase()) + 1;
  return named > 0 ? named : Math.min(Math.max(Number.parseInt(word, 10) || 1, 1), 31);
}

function zoneOf(reading: Reading, said: string | undefined): string {
  const name = said
    ?.replace(/^in\s+/i, '')
    .replace(/\s+time$/i, '')
    .trim();
  if (name !== undefined && name !== '') return ZONES[name.toLowerCase()] ?? (name.includes('/') ? name : 'UTC');
  ask(reading, 'in which time zone is the time of the run?', ['UTC', 'Europe/Zurich'], 'UTC');
  return 'UTC';
}
