import type { Entry, EventOf } from './events.js';
import type { Policy } from './policy.js';
import type { DecisionVerifier, StoredEntry } from './ports.js';
import { directoryStatement } from './sealed-statement.js';

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

/** What the log told so far of the chats' user groups. */
export interface ToldDirectory {
  directory: Directory | undefined;
  /** Position, within its subject, of the newest entry that counted; 0 when none did. */
  n: number;
}

export const NOTHING_TOLD: ToldDirectory = { directory: undefined, n: 0 };

/**
 * Why an entry about user groups counts for nothing; undefined when it counts. Every role can append one, so it must be signed, for
 * the very position at which it stands; and positions only go up, so that an old one that is written again, with its old position
 * or a new one, brings nobody back.
 */
export function directoryFault(
  before: ToldDirectory,
  entry: DirectoryEntry,
  verifier: DecisionVerifier,
): string | undefined {
  if (!verifier.verify(directoryStatement(entry.n, entry.data), entry.data.seal))
    return 'the signature of the user groups is not good, or was made for another place in the log';
  return entry.n > before.n ? undefined : 'newer user groups were recorded before it';
}

type DirectoryEntry = Entry & EventOf<'directory.loaded'>;

/** Whether an entry is meant to say who is in the user groups. Any other subject has no say. */
export function isDirectory(entry: Entry): entry is DirectoryEntry {
  return entry.type === 'directory.loaded' && entry.subject === DIRECTORY_SUBJECT;
}

/** The directory after one more entry of the log; entries that are about something else, or are not signed, change nothing. */
export function applyDirectory(
  before: ToldDirectory,
  { entry }: StoredEntry,
  verifier: DecisionVerifier,
): ToldDirectory {
  if (!isDirectory(entry) || directoryFault(before, entry, verifier) !== undefined) return before;
  return { directory: { ...before.directory, [entry.data.source]: entry.data.groups }, n: entry.n };
}

/** The directory in force at the end of these entries; undefined when none was ever recorded. */
export function directoryIn(stored: readonly StoredEntry[], verifier: DecisionVerifier): Directory | undefined {
  return stored.reduce((told, one) => applyDirectory(told, one, verifier), NOTHING_TOLD).directory;
}
