/** The numbers of a field that lists them (`2`, `1,13`, `1-5`); undefined for `*`, steps and names. */
export function numbersOf(field: string): number[] | undefined {
  if (!/^\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*$/.test(field)) return undefined;
  const numbers = field.split(',').flatMap((part) => {
    const [low = 0, high = low] = part.split('-').map(Number);
    return high - low > 60 ? [] : Array.from({ length: Math.max(0, high - low + 1) }, (_, index) => low + index);
  });
  return [...new Set(numbers)].sort((a, b) => a - b);
}

/** The five fields of a cron; undefined for anything else, such as `@daily`. */
export function fieldsOf(cron: string): [string, string, string, string, string] | undefined {
  const fields = cron.trim().split(/\s+/);
  const [minute, hour, day, month, weekday, ...more] = fields;
  if (minute === undefined || hour === undefined || day === undefined || month === undefined) return undefined;
  return weekday === undefined || more.length > 0 ? undefined : [minute, hour, day, month, weekday];
}

/** The same cron some minutes later; undefined where that can not be written as one, as when only some of its hours pass midnight. */
export function later(cron: string, minutes: number): string | undefined {
  const fields = fieldsOf(cron);
  if (fields === undefined) return undefined;
  const [minuteField, hourField, day, month, weekday] = fields;
  const [minute, ...others] = numbersOf(minuteField) ?? [];
  if (minute === undefined || others.length > 0) return undefined;
  const hours = numbersOf(hourField);
  // Every hour, or every so many: only the minute can move.
  if (hours === undefined) return `${(((minute + minutes) % 60) + 60) % 60} ${hourField} ${day} ${month} ${weekday}`;
  const moved = hours.map((hour) => hour * 60 + minute + minutes);
  const days = new Set(moved.map((at) => Math.floor(at / 1440)));
  const [shift = 0] = days;
  const weekdays = shiftedWeekday(weekday, shift);
  if (days.size > 1 || weekdays === undefined || (shift !== 0 && day !== '*')) return undefined;
  const times = moved.map((at) => at - shift * 1440);
  const hoursText = listed(times.map((at) => Math.floor(at / 60)).sort((a, b) => a - b));
  return `${(times[0] ?? 0) % 60} ${hoursText} ${day} ${month} ${weekdays}`;
}

const NAMES = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

function shiftedWeekday(field: string, days: number): string | undefined {
  if (field === '*' || days === 0) return field;
  const named = field.toUpperCase().replaceAll(/[A-Z]{3}/g, (name) => String(NAMES.indexOf(name)));
  const numbers = numbersOf(named);
  if (numbers === undefined) return undefined;
  return listed([...new Set(numbers.map((number) => (((number + days) % 7) + 7) % 7))].sort((a, b) => a - b));
}

/** Numbers as a field: `1-5` where they follow each other. */
function listed(numbers: readonly number[]): string {
  const [first = 0, last = first] = [numbers[0], numbers.at(-1)];
  return numbers.length > 2 && last - first === numbers.length - 1 ? `${first}-${last}` : numbers.join(',');
}
