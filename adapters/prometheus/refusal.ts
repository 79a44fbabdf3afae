import { AppError } from '../../src/domain/errors.js';

/** What Prometheus says, and what of it helps whoever wrote the expression. Names and places are taken over, its text is not. */
const WORDS: readonly (readonly [RegExp, (...found: string[]) => string])[] = [
  [/unknown function with name "([a-z_0-9]{1,40})"/i, (name) => `there is no function ${name}`],
  [
    /expected type range vector in call to function "([a-z_0-9]{1,40})"/,
    (name) => `${name}() looks at a span of time: give its series one, like ${name}(x[5m])`,
  ],
  [
    /expected type instant vector in call to function "([a-z_0-9]{1,40})", got range/,
    (name) => `${name}() takes a series without a span like [5m]`,
  ],
  [
    /expected type instant vector in aggregation expression/,
    () => 'sum, avg and the like take series, without a span like [5m]',
  ],
  [
    /expected (at (?:least|most) )?\d+ argument\(s\)|wrong number of arguments/,
    () => 'a function has the wrong number of arguments',
  ],
  [/comparisons between scalars/, () => 'two numbers are compared with `bool`, like 1 == bool 1'],
  [/error parsing regexp/, () => 'a label pattern is no regular expression'],
  [
    /ranges only allowed|only scalar and instant vector|type "range vector"/,
    () => 'a range like x[5m] stands only inside a function, like avg_over_time(x[5m])',
  ],
  [/type "string"/, () => 'it is a text, and not a number or series'],
  [/set operator/, () => 'and, or and unless combine series, not numbers'],
  [
    /at least one non-empty matcher/,
    () => 'it selects series without naming a metric or a label value; name the metric',
  ],
  [
    /many-to-many|many-to-one|multiple matches|duplicate series/,
    () => 'several series would pair with one; aggregate one side or say by which labels to pair, like on(table)',
  ],
  [
    /too many samples|exceeded maximum resolution/,
    () => 'it would read too much; take fewer series, a shorter time or a wider step',
  ],
];

/** An expression that Prometheus does not evaluate, in our words. */
export function refusal(errorType: string | null | undefined, error: string | null | undefined): AppError {
  const said = error ?? '';
  const known = WORDS.map(([pattern, words]) => {
    const found = pattern.exec(said);
    return found && words(...found.slice(1));
  }).find((words) => words);
  const place = /\b1:(\d{1,5}): parse error/.exec(said)?.[1];
  const type = /^[a-z_]{1,30}$/.test(errorType ?? '') ? errorType : 'no type';
  const why = known ?? (place === undefined ? `(${type})` : `it can not be read at character ${place}`);
  return new AppError('invalid_input', {
    field: 'expr',
    safeText: `Prometheus can not evaluate the expression${why.startsWith('(') ? ' ' : ': '}${why}.`,
  });
}
