const UNITS = [24 * 365, 24 * 30, 24 * 7, 24, 1, 1 / 60, 1 / 3600];

/** Hours of an ISO 8601 duration; a year has 365 days here, a month 30. Undefined when it is none. */
export function hoursOf(duration: string): number | undefined {
  const match =
    /^P(?=.)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?$/.exec(
      duration,
    );
  return match?.slice(1).reduce((hours, text, index) => hours + Number(text ?? 0) * (UNITS[index] ?? 0), 0);
}
