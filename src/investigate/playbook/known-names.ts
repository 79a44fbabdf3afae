import { Component } from '../../domain/diagnosis.js';
import type { CauseFile, ProcedureFile, When } from './format.js';
import { LOOKS } from './looks.js';
import { PLACES } from './places.js';
import { SITUATIONS } from './situations.js';
import { CASE_NAMES, holesOf } from './template.js';

/** The first name in a file that stands in no closed list, as a sentence; undefined when all are known. */
export function unknownNames(file: ProcedureFile): string | undefined {
  return [
    ...file.ask.flatMap(({ for_each, when }, index) => [
      for_each === undefined || for_each in PLACES.lists
        ? undefined
        : `ask.${index}.for_each: there is no place ${for_each}; there are ${Object.keys(PLACES.lists).join(', ')}`,
      situationFault(when, `ask.${index}`),
    ]),
    ...file.ruled_out.map(({ when }, index) => situationFault(when, `ruled_out.${index}`)),
    nameFault([file.hypothesis, ...file.ruled_out.map(({ why }) => why)], [], 'hypothesis or ruled_out'),
    ...file.ask.map(({ args, thought }, index) =>
      nameFault([thought, ...Object.values(args)], ['each'], `ask.${index}`),
    ),
    ...file.causes.flatMap((cause, index) =>
      'look' in cause
        ? [lookFault(cause.look, cause.with, `causes.${index}`), situationFault(cause.when, `causes.${index}`)]
        : causeFaults(cause, `causes.${index}`),
    ),
  ].find((fault) => fault !== undefined);
}

function situationFault(when: When | undefined, path: string): string | undefined {
  const stranger = [...(when?.is ?? []), ...(when?.not ?? [])].find((name) => !(name in SITUATIONS));
  return stranger === undefined
    ? undefined
    : `${path}.when: there is no situation ${stranger}; there are ${Object.keys(SITUATIONS).join(', ')}`;
}

function lookFault(name: string, given: unknown, path: string): string | undefined {
  const look = LOOKS[name];
  if (look === undefined) return `${path}.look: there is no look ${name}; there are ${Object.keys(LOOKS).join(', ')}`;
  const read = look.with.safeParse(given);
  if (read.success) return undefined;
  const [issue] = read.error.issues;
  return `${path}.with.${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'it does not fit'}`;
}

function causeFaults(cause: CauseFile, path: string): (string | undefined)[] {
  const entities = [cause.entity].flat();
  const prefix = entities.find((entity) => !Component.safeParse(entity.split(':')[0]).success);
  return [
    situationFault(cause.when, path),
    ...cause.repair.map(({ when }, index) => situationFault(when, `${path}.repair.${index}`)),
    cause.signal === undefined && cause.record === undefined
      ? `${path}: it needs a signal or a record that confirms it`
      : undefined,
    prefix === undefined ? undefined : `${path}.entity: ${prefix} does not begin with a component and a colon`,
    nameFault(textsOf(cause), ['entity', ...Object.keys(cause.read)], path),
  ];
}

function textsOf({ entity, claim, repair }: CauseFile): string[] {
  const repairs = repair.flatMap((way) => {
    if ('hand_over' in way) return [way.hand_over];
    if ('raise' in way) return [way.raise];
    if ('retry' in way) return [];
    return way.steps.flatMap(({ args, thought }) => [
      thought,
      ...Object.values(args).flatMap((value) => (typeof value === 'string' ? [value] : Object.values(value))),
    ]);
  });
  return [...[entity].flat(), claim, ...repairs];
}

function nameFault(texts: readonly string[], own: readonly string[], path: string): string | undefined {
  const known = new Set<string>(['', ...CASE_NAMES, ...own]);
  const stranger = texts.flatMap(holesOf).find((name) => !known.has(name) && !/^(?:record|asked)\.[a-z_]+$/.test(name));
  return stranger === undefined
    ? undefined
    : `${path}: there is no name ${stranger}; there are ${[...known].filter(Boolean).join(', ')}`;
}
