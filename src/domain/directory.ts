import type { EventOf } from './events.js';
import type { Policy } from './policy.js';
import type { StoredEntry } from './ports.js';

/** Who is in the chats' user groups: addresses by group id. What is not in it is not known, and stands for nobody. */
export type Directory = Partial<
  Record<EventOf<'directory.loaded'>['data']['source'], Readonly<Record<string, readonly string[]>>>
>;

/** Subject of the log under which directories are recorded. */
export const DIRECTORY_SUBJECT = 'system';

const SLACK_GROUP = /^slack:(S[A-Z0-9]{2,20})$/;

/** Whether an entry of a list is meant to be a chat's user group. Such an entry is never a person, also when nobody knows its members. */
export function isUserGroup(entry: string): boolean {
  return /^slack:/i.test(entry);
}

/** The id of a Slack user group in an entry like `slack:S0123ABC`; undefined when it is none. */
export function slackGroupOf(entry: string): string | undefined {
  return SLACK_GROUP.exec(entry)?.[1];
}

/** The Slack user groups that this policy speaks of, each once. */
export function slackGroupsIn(policy: Policy): string[] {
  const all = Object.values(policy.groups).flatMap((entries) => entries.flatMap((entry) => slackGroupOf(entry) ?? []));
  return [...new Set(all)].sort();
}

/**
 * The policy with the members of the chats' user groups in their place. A group that the directory does not know stays as it is
 * written, and stands for nobody. Only for judging: the digest of a policy is that of its file.
 */
export function withMembers(policy: Policy, directory: Directory | undefined): Policy {
  if (slackGroupsIn(policy).length === 0) return policy;
  const membersOf = (entry: string): readonly string[] => {
    const group = slackGroupOf(entry);
    if (group === undefined) return [entry];
    // A name that somebody gave themselves in a chat is no way into another group.
    return directory?.slack?.[group]?.filter((member) => !isUserGroup(member) && !member.startsWith('@')) ?? [entry];
  };
  const groups = Object.entries(policy.groups).map(([name, entries]) => [name, entries.flatMap(membersOf)] as const);
  return { ...policy, groups: Object.fromEntries(groups) };
}

/** The directory after one more entry of the log; entries that are about something else change nothing. */
export function applyDirectory(before: Directory | undefined, { entry }: StoredEntry): Directory | undefined {
  if (entry.type !== 'directory.loaded' || entry.subject !== DIRECTORY_SUBJECT) return before;
  return { ...before, [entry.data.source]: entry.data.groups };
}

/** The directory in force at the end of these entries; undefined when none was ever recorded. */
export function directoryIn(stored: readonly StoredEntry[]): Directory | undefined {
  return stored.reduce<Directory | undefined>(applyDirectory, undefined);
}
