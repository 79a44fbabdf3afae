/**
 * What the rendered SQL calls and DuckDB does not have, as statements for a fresh database. The sandbox loads them before it is
 * locked.
 */
export const MACROS: readonly string[] = [
  // Whole months when the days are equal or both are the last of their months (the time of day is then ignored); else the rest by
  // months of 31 days, to 8 digits.
  `CREATE OR REPLACE MACRO spk_months_between(a, b) AS (
    CASE
      WHEN day(a) = day(b) OR (CAST(a AS DATE) = last_day(a) AND CAST(b AS DATE) = last_day(b))
      THEN CAST((year(a) - year(b)) * 12 + month(a) - month(b) AS DOUBLE)
      ELSE round(
        (year(a) - year(b)) * 12 + month(a) - month(b)
          + ((day(a) - day(b)) * 86400
            + (epoch(date_trunc('second', a)) - epoch(date_trunc('day', a)))
            - (epoch(date_trunc('second', b)) - epoch(date_trunc('day', b)))) / 2678400.0,
        8)
    END)`,
];
