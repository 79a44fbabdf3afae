/** Replaces what it finds in one line of at most 16 KB. Every rule runs in time that grows with the line, not with its square. */
export type Rule = (line: string, token: (type: string, value: string) => string) => string;

/** What stands for a value already, or is no value at all: never replaced again. */
const NO_VALUE =
  /^(?:[\ue000-\uf8ff].*|\*+|x{3,}|null|none|nil|undefined|true|false|yes|no|required|missing|expired|invalid|empty|unset|redacted|hidden|\[?redacted\]?|\$\{.*\}|\{\{.*\}\}|<.*>|\$\w+)$/i;

export function isPlaceholder(value: string): boolean {
  return NO_VALUE.test(value.trim());
}

/** A rule of one expression: its last group, or the whole match, is replaced where `accept` says so. */
export function replacing(
  type: string,
  expression: RegExp,
  accept: (value: string, line: string, at: number) => boolean = () => true,
): Rule {
  return (line, token) =>
    line.replace(expression, (match: string, ...rest: unknown[]) => {
      const at = rest.find((item) => typeof item === 'number') as number;
      const groups = rest.slice(0, rest.indexOf(at)) as (string | undefined)[];
      const value = groups.length === 0 ? match : groups.findLast((group) => group !== undefined);
      if (value === undefined || isPlaceholder(value) || !accept(value, line, at)) return match;
      const from = match.lastIndexOf(value);
      return match.slice(0, from) + token(type, value) + match.slice(from + value.length);
    });
}
