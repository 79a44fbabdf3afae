import { below, type Checking, codePoints, fault, isObject, type Rule } from './fault.js';

/** The few kinds of rule that Slack's schemas are made of, with the words its answers use. */

export function text(min: number, max: number): Rule {
  return (value, at, checking) => {
    if (typeof value !== 'string') return fault(checking, at, 'must provide a string');
    const length = codePoints(value);
    if (length > max) fault(checking, at, `must be less than ${max + 1} characters`);
    if (length < min) fault(checking, at, `must be more than ${min - 1} characters`);
  };
}

export function matching(pattern: RegExp, max: number): Rule {
  const length = text(1, max);
  return (value, at, checking) => {
    length(value, at, checking);
    if (typeof value === 'string' && value !== '' && !pattern.test(value))
      fault(checking, at, `must match pattern: ${pattern.source}`);
  };
}

/** An absolute address of one of these schemes. */
export function url(max = 3000, schemes: readonly string[] = ['https:', 'http:']): Rule {
  const length = text(1, max);
  return (value, at, checking) => {
    length(value, at, checking);
    if (typeof value !== 'string' || value === '') return;
    if (!URL.canParse(value) || !schemes.includes(new URL(value).protocol)) fault(checking, at, 'must be a valid URL');
  };
}

export const flag: Rule = (value, at, checking) => {
  if (typeof value !== 'boolean') fault(checking, at, 'must provide a boolean');
};

export function integer(min: number, max: number): Rule {
  return (value, at, checking) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) fault(checking, at, 'must provide an integer');
    else if (value < min) fault(checking, at, `must be more than ${min - 1}`);
    else if (value > max) fault(checking, at, `must be less than ${max + 1}`);
  };
}

export const number: Rule = (value, at, checking) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) fault(checking, at, 'must provide a number');
};

export function oneOf(...allowed: readonly (string | number)[]): Rule {
  return (value, at, checking) => {
    if (!allowed.includes(value as string | number)) fault(checking, at, 'must be a valid enum value');
  };
}

export function list(item: Rule, min: number, max: number): Rule {
  return (value, at, checking) => {
    if (!Array.isArray(value)) return fault(checking, at, 'must provide an array');
    if (value.length > max) fault(checking, at, `no more than ${max} items allowed`);
    if (value.length < min) fault(checking, at, `must provide at least ${min} items`);
    for (const [index, one] of value.entries()) item(one, below(at, index), checking);
  };
}

export interface Need {
  need: Rule;
}
export interface May {
  may: Rule;
}
export const need = (rule: Rule): Need => ({ need: rule });
export const may = (rule: Rule): May => ({ may: rule });

/**
 * Rules of all fields of a type of `@slack/types` but `type`: the compiler refuses one that is missing, one that Slack does not know,
 * and one that is optional where the type wants it.
 */
export type FieldsOf<T> = {
  [K in Exclude<keyof T, 'type'> as string extends K ? never : K]-?: object extends Pick<T, K> ? May : Need;
};

/** An object of known fields. `also` looks at fields together, after each was looked at alone. */
export function object(
  fields: Record<string, Need | May>,
  also?: (value: Record<string, unknown>, at: string, checking: Checking) => void,
): Rule {
  return (value, at, checking) => {
    if (!isObject(value)) return fault(checking, at, 'must provide an object');
    for (const key of Object.keys(value))
      if (!Object.hasOwn(fields, key)) fault(checking, at, `invalid additional property: ${key}`);
    for (const [key, field] of Object.entries(fields)) {
      const given = Object.hasOwn(value, key) && value[key] !== undefined;
      if (given) ('need' in field ? field.need : field.may)(value[key], below(at, key), checking);
      else if ('need' in field) fault(checking, at, `missing required field: ${key}`);
    }
    also?.(value, at, checking);
  };
}

/** An object with `type`, as a type of `@slack/types` has it. `beyond`: fields that Slack documents and the types do not have yet. */
export function typed<T extends { type: string }>(
  type: T['type'],
  fields: FieldsOf<T>,
  also?: (value: Record<string, unknown>, at: string, checking: Checking) => void,
  beyond: Record<string, May> = {},
): Rule {
  return object({ ...(fields as Record<string, Need | May>), ...beyond, type: need(oneOf(type)) }, also);
}

/** One of several objects, told apart by `type`. */
export function byType(rules: Readonly<Record<string, Rule>>): Rule {
  return (value, at, checking) => {
    if (!isObject(value)) return fault(checking, at, 'must provide an object');
    const { type } = value;
    if (type === undefined) return fault(checking, at, 'missing required field: type');
    const rule = typeof type === 'string' && Object.hasOwn(rules, type) ? rules[type] : undefined;
    if (rule === undefined) return fault(checking, below(at, 'type'), `unsupported type: ${String(type)}`);
    rule(value, at, checking);
  };
}

/** As Slack tells it where several forms are allowed: first that none fits, then what is wrong. */
export function anyOf(rule: Rule): Rule {
  return (value, at, checking) => {
    const inner: Checking = { surface: checking.surface, faults: [] };
    rule(value, at, inner);
    if (inner.faults.length === 0) return;
    fault(checking, at, 'failed to match all allowed schemas');
    checking.faults.push(...inner.faults);
  };
}
