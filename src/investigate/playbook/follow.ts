import { type Fact, factsOf, type OutsideLine } from './case-file.js';
import { type Context, inWindow, time } from './context.js';
import type { CauseFile, FieldCondition, ProcedureFile, QuestionFile, RepairFile, When, Within } from './format.js';
import { moreOfIt } from './levers.js';
import { LOOKS } from './looks.js';
import { PLACES } from './places.js';
import type { Cause } from './procedure.js';
import { type Finding, type Procedure, type Question, quoted, symptom } from './procedure.js';
import { holds } from './situations.js';
import { filled, filledAll, type Names, namesOf, namesOfRecord } from './template.js';
import { latenessMinutes } from './waits.js';

const STRENGTH = { record: 3, kind: 2, elimination: 1 } as const;

/** A procedure that does what its file says. */
export function followed(file: ProcedureFile): Procedure {
  const looks = file.causes.map((cause) =>
    'look' in cause ? lookOf(cause.look, cause.with, cause.when) : causeOf(cause),
  );
  const find = (context: Context): Finding[] =>
    looks.flatMap((look) => look(context)).map((finding) => ({ ...finding, unsure: finding.unsure ?? file.unsure }));
  return {
    id: file.id,
    raisedBy: file.raised_by,
    forWaitingTasks: file.for_waiting_tasks,
    hypothesis: (context) => filled(file.hypothesis, namesOf(context)) ?? file.title,
    ask: (context, found) => file.ask.flatMap((question) => questions(question, context, found)),
    find,
    ruledOut: (context) => {
      const names = namesOf(context);
      const fitting = file.ruled_out.filter(({ when }) => applies(when, context, []));
      return fitting.flatMap(({ why }) => filled(why, { ...names, ...PLACES.told(context) }) ?? [])[0];
    },
  };
}

function lookOf(name: string, given: Record<string, unknown>, when: When | undefined): (context: Context) => Finding[] {
  const look = LOOKS[name];
  if (look === undefined) throw new Error(`no look ${name}`);
  const run = look.of(given);
  return (context) => (applies(when, context, []) ? run(context) : []);
}

/** True when the condition of a file holds in this case. */
export function applies(when: When | undefined, context: Context, found: readonly Finding[]): boolean {
  if (when === undefined) return true;
  const said = when.says === undefined || patterns(when.says).some((pattern) => pattern.test(context.errorText));
  return (
    said &&
    (when.family === undefined || when.family.some((family) => context.families.includes(family))) &&
    (when.is ?? []).every((name) => holds(name, context, found)) &&
    !(when.not ?? []).some((name) => holds(name, context, found))
  );
}

function questions(asked: QuestionFile, context: Context, found: readonly Finding[]): Question[] {
  if (!applies(asked.when, context, found)) return [];
  const names = { ...namesOf(context), ...PLACES.told(context) };
  const places = asked.for_each === undefined ? [undefined] : (PLACES.lists[asked.for_each]?.(context) ?? []);
  return places.slice(0, asked.most).flatMap((each): Question[] => {
    const known: Names = each === undefined ? names : { ...names, each };
    const args = filledAll(asked.args, known);
    const thought = filled(asked.thought, known);
    return args === undefined || thought === undefined ? [] : [{ tool: asked.tool, args, thought }];
  });
}

const SEEN = new Map<string, RegExp>();

function patterns(given: string | readonly string[]): RegExp[] {
  return [given].flat().map((source) => {
    const known = SEEN.get(source) ?? new RegExp(source, 'i');
    SEEN.set(source, known);
    return known;
  });
}

function causeOf(file: CauseFile): (context: Context) => Finding[] {
  return (context) => {
    if (!applies(file.when, context, [])) return [];
    const signal = file.signal && context.signals.find(({ family }) => file.signal?.includes(family))?.line;
    const fact = file.record === undefined ? undefined : recordOf(file.record, file.where, file.within, context);
    const proof = fact ?? signal;
    if (proof === undefined || (file.record !== undefined && fact === undefined)) return [];
    if (file.signal !== undefined && signal === undefined) return [];
    return findingOf(file, context, proof, fact);
  };
}

function findingOf(file: CauseFile, context: Context, proof: Fact | OutsideLine, fact: Fact | undefined): Finding[] {
  const names = {
    ...namesOf(context),
    ...PLACES.told(context),
    ...namesOfRecord(fact),
    ...readNames(file.read, context),
  };
  const entity = [file.entity].flat().flatMap((template) => filled(template, names) ?? [])[0];
  const repair = repairOf(file.repair, context, names);
  if (entity === undefined || repair === undefined) return [];
  const beside = file.beside && recordOf(file.beside.record, {}, file.beside.within, context);
  return [
    {
      cause: {
        category: file.category,
        component: entity.slice(0, entity.indexOf(':')) as Cause['component'],
        entity,
        change: file.change,
        claim: filled(file.claim, { ...names, entity }) ?? file.claim.replaceAll(/\{[^}]*\}/g, 'it'),
      },
      strength: STRENGTH[file.confirmed_by],
      at: time(fact?.fields['at']),
      quotes: [
        quoted(proof, file.shows),
        ...(beside === undefined ? [] : [quoted(beside, file.beside?.shows ?? '')]),
        ...(proof === fact ? symptom(context, file.explains) : []),
      ],
      explains: file.explains,
      ...repair,
    },
  ];
}

function readNames(read: CauseFile['read'], context: Context): Names {
  return Object.fromEntries(
    Object.entries(read).map(([name, given]) => [
      name,
      patterns(given).flatMap(
        (pattern) =>
          pattern
            .exec(context.errorText)
            ?.slice(1)
            .find((group) => group !== undefined) ?? [],
      )[0],
    ]),
  );
}

function recordOf(
  name: string,
  where: CauseFile['where'],
  within: Within | undefined,
  context: Context,
): Fact | undefined {
  const [tool = '', kind = ''] = name.split('#');
  return factsOf(context.file, tool, kind).find(
    (fact) =>
      Object.entries(where).every(([field, condition]) => meets(fact.fields[field], condition)) &&
      (within === undefined || isWithin(context, fact.fields['at'], within)),
  );
}

function meets(value: string | undefined, condition: FieldCondition): boolean {
  if (value === undefined) return false;
  if (typeof condition === 'string') return value === condition;
  if ('equals' in condition) return value === condition.equals;
  if ('matches' in condition) return patterns(condition.matches).some((pattern) => pattern.test(value));
  return Number(value) >= condition.at_least;
}

function isWithin(context: Context, at: string | undefined, within: Within): boolean {
  if (within === 'since_last_good') return inWindow(context, at);
  const when = time(at);
  return when !== undefined && Math.abs(when - context.focus.failedAt) <= within.minutes * 60_000;
}

function repairOf(
  repairs: readonly RepairFile[],
  context: Context,
  names: Names,
): Pick<Finding, 'repair' | 'notBeforeMinutes'> | undefined {
  const repair = repairs.find(({ when }) => applies(when, context, []));
  if (repair === undefined) return undefined;
  if ('hand_over' in repair) return { repair: { escalate: filled(repair.hand_over, names) ?? repair.hand_over } };
  if ('retry' in repair) return { repair: [], notBeforeMinutes: repair.after_minutes };
  if ('raise' in repair) {
    const least = context.families.includes('late_rows') ? latenessMinutes(context) : 0;
    return { repair: moreOfIt(context, 1, filled(repair.raise, names) ?? repair.raise, least) };
  }
  const steps = repair.steps.map(({ tool, args, thought }) => ({
    tool,
    args: filledArgs(args, names),
    thought: filled(thought, names) ?? thought,
  }));
  const missing = steps.some(({ args }) => args === undefined);
  return missing
    ? { repair: { escalate: 'A name that the repair needs is not known; a person has to look it up.' } }
    : { repair: steps as Question[] };
}

function filledArgs(
  args: Record<string, string | Record<string, string>>,
  names: Names,
): Record<string, unknown> | undefined {
  const pairs = Object.entries(args).map(
    ([key, value]) => [key, typeof value === 'string' ? filled(value, names) : filledAll(value, names)] as const,
  );
  return pairs.some(([, value]) => value === undefined) ? undefined : Object.fromEntries(pairs);
}
