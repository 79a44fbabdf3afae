import type { Binding, Typed } from './binding.js';
import { cast } from './render.js';
import { isInteger, isNumeric, isTemporal, printType, type SqlType } from './type.js';

/** What a function makes of its arguments. */
export interface Result {
  type: SqlType;
  sql: string;
  /** Left out: NULL when an argument may be NULL. */
  nullable?: boolean;
}

export interface FunctionRule {
  /** How many arguments it takes. */
  arity: readonly [least: number, most: number];
  /** Undefined when the arguments do not fit; `needs` says what would. */
  bind(args: readonly Typed[], binding: Binding, place: Typed['place']): Result | undefined;
  needs: string;
  /** Gives another value at every run. */
  volatile?: boolean;
}

export type Accepts = (type: SqlType) => boolean;
export const text: Accepts = (type) => type.kind === 'string' || type.kind === 'null';
export const number: Accepts = (type) => isNumeric(type) || type.kind === 'null';
export const whole: Accepts = (type) => isInteger(type) || type.kind === 'null';
export const instant: Accepts = (type) => isTemporal(type) || type.kind === 'null';
export const textOrInstant: Accepts = (type) => text(type) || instant(type);

/** A function of fixed types: `template` has `$1`, `$2` for its arguments. */
export function fixed(
  accepts: readonly Accepts[],
  result: SqlType,
  template: string,
  least = accepts.length,
): FunctionRule {
  return {
    arity: [least, accepts.length],
    needs: `${least === accepts.length ? least : `${least} to ${accepts.length}`} argument(s) of other types`,
    bind: (args) => {
      if (!args.every((arg, index) => accepts[index]?.(arg.type))) return undefined;
      return { type: result, sql: cast(filled(template, args), result) };
    },
  };
}

/** Puts the arguments into `$1`, `$2`, …. */
export function filled(template: string, args: readonly Typed[]): string {
  return template.replaceAll(/\$(\d)/g, (_whole, index: string) => args[Number(index) - 1]?.sql ?? 'NULL');
}

/** A literal text among the arguments. */
export function literalText(arg: Typed | undefined): string | undefined {
  return typeof arg?.literal === 'string' ? arg.literal : undefined;
}

/** A whole literal among the arguments. */
export function literalInt(arg: Typed | undefined): number | undefined {
  return typeof arg?.literal === 'number' && Number.isInteger(arg.literal) ? arg.literal : undefined;
}

export function typesOf(args: readonly Typed[]): string {
  return args.map(({ type }) => printType(type)).join(', ');
}
