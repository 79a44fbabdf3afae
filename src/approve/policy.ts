import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { listedPeople } from '../domain/approval.js';
import { digestOf } from '../domain/canonical.js';
import { isUserGroup, slackGroupOf } from '../domain/directory.js';
import { AppError } from '../domain/errors.js';
import { Policy } from '../domain/policy.js';

export interface LoadedPolicy {
  policy: Policy;
  /** Digest of the policy as understood, defaults filled in: comments and order do not change it. */
  digest: string;
}

interface Fault {
  path: PropertyKey[];
  says: string;
  fix: string;
}

/** How each part is written, for whoever got it wrong. */
const FIXES: Record<string, string> = {
  version: 'write `version: 1`',
  groups: 'name each group with a list of people, e.g. `oncall: [ana@example.com, ben@example.com]`',
  approvers:
    'write lists of people or @groups under `risk` (trivial, low, medium, high) and `kind` (retry, schema_evolution, config_rollback, resource_increase), e.g. `low: ["@oncall"]`',
  fourEyes: 'write `fourEyes: { high: 2 }`, from 2 to 5 people',
  minimumCheckLength: 'write a number of characters from 1 to 200',
  expiryMinutes: 'write a number of minutes from 1 to 1440',
  freezes: 'write a list of `{ from: 2026-12-24T00:00:00Z, to: 2026-12-27T00:00:00Z, reason: "…" }`, in UTC',
  caps: 'write the highest number allowed for each config path, e.g. `feature_export.memory_gi: 16`',
  protectedTargets: 'write a list of config paths, tables or DAGs; a `*` at the end stands for any ending',
  raisingClasses:
    'write a list of data classes of the inventory, e.g. `[pii, financial, sox]`; `[]` when none raises the risk',
  agent:
    'write any of maxToolCalls (1 to 24), confidenceThreshold (0.5 to 1), minimumConfidence (0 to 1), dailyBudgetUsd (0 or more)',
  routes:
    'write a list like `{ owner: payments-data, severity: [critical, high], slack: C0123ABCD, notify: S0123ABCD }`; ids, not names',
  talk: 'write `talk: { maxGrant: 4 }`, from 0 to 12 tool calls',
  verification: 'write `verification: { timeoutMinutes: 90 }`, from 1 to 720',
};
const TOP_LEVEL = `the fields are ${Object.keys(FIXES).join(', ')}`;

/**
 * Reads a policy file. Nothing is guessed: what is not understood is refused, because a rule that is silently ignored is worse
 * than none. @throws AppError `misconfigured` naming every field at fault, its line and the fix.
 */
export function parsePolicy(yamlText: string): LoadedPolicy {
  const lines = new LineCounter();
  const document = parseDocument(yamlText, { lineCounter: lines, prettyErrors: false });
  const syntax = document.errors[0];
  if (syntax !== undefined) {
    const { line } = lines.linePos(syntax.pos[0]);
    throw refused(
      [{ path: [], says: `line ${line} is not YAML (${syntax.code})`, fix: 'check indentation and quotes' }],
      [],
    );
  }
  const parsed = Policy.safeParse(document.toJS() ?? {});
  const faults = parsed.success ? crossFaults(parsed.data) : parsed.error.issues.map(faultOf);
  if (!parsed.success || faults.length > 0) {
    throw refused(
      faults,
      faults.map(({ path }) => lineOf(document, lines, path)),
    );
  }
  return { policy: parsed.data, digest: digestOf(parsed.data) };
}

function refused(faults: Fault[], at: (number | undefined)[]): AppError {
  const texts = faults.map(({ path, says, fix }, index) => {
    const line = at[index] === undefined ? '' : ` (line ${at[index]})`;
    return `${pathText(path)}${line}: ${says}; ${fix}`;
  });
  return new AppError('misconfigured', {
    field: pathText(faults[0]?.path ?? []),
    safeText: `The policy can not be used. ${texts.join('. ')}.`,
  });
}

function pathText(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'policy';
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`))
    .join('');
}

function fixFor(path: readonly PropertyKey[]): string {
  return FIXES[String(path[0])] ?? TOP_LEVEL;
}

function faultOf(issue: z.core.$ZodIssue): Fault {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    return { path: [...path, key], says: 'there is no such field', fix: path.length === 0 ? TOP_LEVEL : fixFor(path) };
  }
  return { path, says: issue.message, fix: fixFor(path) };
}

/** The line of the deepest node that exists on the path. */
function lineOf(
  document: ReturnType<typeof parseDocument>,
  lines: LineCounter,
  path: PropertyKey[],
): number | undefined {
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true) as { range?: [number, number, number] } | undefined;
    if (node?.range !== undefined && node.range !== null) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}

/** What each field alone can not show: groups that are not there, lists that can never be enough. */
function crossFaults(policy: Policy): Fault[] {
  return [...groupFaults(policy), ...listFaults(policy), ...fourEyesFaults(policy), ...freezeFaults(policy)];
}

function groupFaults(policy: Policy): Fault[] {
  return Object.entries(policy.groups).flatMap(([name, people]) =>
    people.flatMap((person, index) =>
      personFaults(['groups', name, index], person, 'a group lists people, not groups'),
    ),
  );
}

function personFaults(path: PropertyKey[], person: string, groupSays: string | undefined): Fault[] {
  if (isUserGroup(person)) return userGroupFaults(path, person, groupSays !== undefined);
  if (person.startsWith('@') && groupSays !== undefined) {
    return [{ path, says: groupSays, fix: 'write the people themselves' }];
  }
  if (person.includes('*')) {
    return [{ path, says: `${person} stands for nobody: there is no way to say everybody`, fix: 'list the people' }];
  }
  if (person.trim() !== person) return [{ path, says: 'there are blanks around the name', fix: 'remove them' }];
  return [];
}

/** A chat's user group stands in our groups alone, so that a list of approvers reads the same with and without a chat. */
function userGroupFaults(path: PropertyKey[], entry: string, inGroup: boolean): Fault[] {
  if (slackGroupOf(entry) === undefined) {
    return [
      { path, says: `${entry} is no user group`, fix: 'write the id of the Slack user group, e.g. slack:S0123ABCD' },
    ];
  }
  if (inGroup) return [];
  return [
    { path, says: `${entry} is a user group`, fix: 'put it into a group under groups, and name that one with @' },
  ];
}

function listFaults(policy: Policy): Fault[] {
  const known = Object.keys(policy.groups);
  const lists = (['risk', 'kind'] as const).flatMap((by) =>
    Object.entries(policy.approvers[by]).map(([name, list]) => ({ path: ['approvers', by, name], list: list ?? [] })),
  );
  return lists.flatMap(({ path, list }) =>
    list.flatMap((item, index) => {
      const at = [...path, index];
      if (!item.startsWith('@')) return personFaults(at, item, undefined);
      if (known.includes(item.slice(1))) return [];
      const fix =
        known.length === 0 ? 'define it under groups' : `define it under groups, where there is ${known.join(', ')}`;
      return [{ path: at, says: `there is no group ${item}`, fix }];
    }),
  );
}

function fourEyesFaults(policy: Policy): Fault[] {
  // How many are in a chat's user group can not be known here.
  const named = (policy.approvers.risk.high ?? []).flatMap((item) => policy.groups[item.slice(1)] ?? []);
  if (named.some(isUserGroup)) return [];
  const people = listedPeople(policy, policy.approvers.risk.high).size;
  const needed = policy.fourEyes.high;
  if (people === 0 || people >= needed) return [];
  const says = `${needed} different people must approve, and the list has ${people}`;
  return [{ path: ['approvers', 'risk', 'high'], says, fix: 'add people, or leave it out so that nobody may' }];
}

function freezeFaults(policy: Policy): Fault[] {
  return policy.freezes.flatMap(({ from, to }, index) =>
    Date.parse(from) < Date.parse(to)
      ? []
      : [{ path: ['freezes', index], says: 'it ends before it begins', fix: 'swap from and to' }],
  );
}
