const MINUTE = 60_000;
const UNITS = [365 * 1440, 30 * 1440, 7 * 1440, 1440, 60, 1, 1 / 60] as const;
const ISO = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?$/;

/** An ISO 8601 duration in milliseconds, a month as 30 days and a year as 365; undefined when it is none. */
export function milliseconds(duration: string): number | undefined {
  const match = ISO.exec(duration);
  if (match === null) return undefined;
  const amounts = UNITS.map((unit, index) => Number((match[index + 1] ?? '0').replace(',', '.')) * unit);
  return amounts.reduce((sum, amount) => sum + amount, 0) * MINUTE;
}

/** A length of time as a person says it: `45 min`, `26 h`, `3 days`. */
export function spoken(length: number): string {
  const minutes = Math.round(length / MINUTE);
  if (minutes < 120) return `${minutes} min`;
  if (minutes < 72 * 60) return `${Math.round(minutes / 6) / 10} h`;
  return `${Math.round(minutes / 144) / 10} days`;
}
