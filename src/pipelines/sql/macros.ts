const macro = (head: string, body: string): string => `CREATE OR REPLACE MACRO ${head} AS (${body})`;

const WHOLE = '[+-]?[0-9]+';
const NUMBER = String.raw`[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?`;
const matching = (pattern: string): string => `regexp_full_match(trim(x), '${pattern}')`;

/** Texts that Spark reads as numbers: any other stops the query, or is NULL where it is only tried. */
const TEXTS = [
  ['whole', WHOLE],
  ['number', NUMBER],
].flatMap(([name, pattern = '']) => [
  macro(
    `spk_${name}_text(x)`,
    `CASE WHEN x IS NULL OR ${matching(pattern)} THEN trim(x) ELSE error('CAST_INVALID_INPUT') END`,
  ),
  macro(`spk_try_${name}_text(x)`, `CASE WHEN ${matching(pattern)} THEN trim(x) END`),
]);

/** Decimals as whole numbers of 128 bits: DuckDB divides decimals as DOUBLE, and loses digits behind the fifteenth. */
const DECIMALS = [
  macro('spk_unscaled(x)', `CAST(replace(CAST(x AS VARCHAR), '.', '') AS HUGEINT)`),
  // Half up, away from zero, as Spark rounds.
  macro(
    'spk_round_divide(n, d)',
    `(CASE WHEN (n < 0) = (d < 0) THEN 1 ELSE -1 END)
      * (abs(n) // abs(d) + CASE WHEN abs(n) % abs(d) >= abs(d) - abs(n) % abs(d) THEN 1 ELSE 0 END)`,
  ),
  macro('spk_padded(t, digits)', `repeat('0', greatest(digits - length(t), 0)) || t`),
  macro('spk_pointed(t, scale)', `left(t, length(t) - scale) || '.' || right(t, scale)`),
  macro(
    'spk_decimal_text(n, scale)',
    `(CASE WHEN n < 0 THEN '-' ELSE '' END) || spk_pointed(spk_padded(CAST(abs(n) AS VARCHAR), scale + 1), scale)`,
  ),
];

/**
 * Whole months when the days are equal or both are the last of their months (the time of day is then ignored); else the rest by
 * months of 31 days, to 8 digits.
 */
const MONTHS_BETWEEN = macro(
  'spk_months_between(a, b)',
  `CASE
    WHEN day(a) = day(b) OR (CAST(a AS DATE) = last_day(a) AND CAST(b AS DATE) = last_day(b))
    THEN CAST((year(a) - year(b)) * 12 + month(a) - month(b) AS DOUBLE)
    ELSE round(
      (year(a) - year(b)) * 12 + month(a) - month(b)
        + ((day(a) - day(b)) * 86400
          + (epoch(date_trunc('second', a)) - epoch(date_trunc('day', a)))
          - (epoch(date_trunc('second', b)) - epoch(date_trunc('day', b)))) / 2678400.0,
      8)
  END`,
);

/** What the rendered SQL calls and DuckDB does not have, one statement each. The sandbox runs them before it is locked. */
export const MACROS: readonly string[] = [...TEXTS, ...DECIMALS, MONTHS_BETWEEN];
