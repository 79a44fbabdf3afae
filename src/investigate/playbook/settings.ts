import { canonicalType } from '../../domain/type-widening.js';
import { type Fact, factsOf, type OutsideLine, outsideLines, type SettingFact } from './case-file.js';
import { type Context, inWindow, time } from './context.js';
import { type Finding, quoted, symptom } from './procedure.js';
import type { Family } from './signals.js';

/** One setting that a commit of ours changed. */
export interface SettingChange {
  setting: SettingFact;
  was: string;
  is: string;
  commit: Fact;
  /** The added line of the diff. */
  line: OutsideLine;
}

/** Which settings can explain which errors: by the words of their names, and the direction in which a number moved. */
export interface SettingRow {
  families: readonly Family[];
  words: RegExp;
  moved?: 'down' | 'up' | undefined;
  /** It could, but seldom does: counts only where nothing else explains the error. */
  seldom?: boolean | undefined;
}

/** Settings of ours that a commit changed since the last good run, of the kind that explains the error or named by it. */
export function changedSettings(context: Context, rows: readonly SettingRow[]): Finding[] {
  const judged = recentChanges(context).map((change) => ({ change, ...explained(context, change, rows) }));
  const best = Math.max(...judged.map(({ fit }) => fit));
  return judged
    .filter(({ families, fit }) => families.length > 0 && fit === best)
    .map(({ change, families, fit }) => settingFinding(context, change, families, fit));
}

/** Changes of settings since the last good run. */
export function recentChanges(context: Context): SettingChange[] {
  return settingChanges(context).filter((change) => inWindow(context, change.commit.fields['at']));
}

/** Files of settings that are named for the pipeline, its application or its queries. */
export function settingFiles(context: Context): string[] {
  return [...new Set(settingsOf(context).map((setting) => setting.file))];
}

/** Settings that belong to the focus: by the first part of their path, or because they are of the platform as a whole. */
export function settingsOf(context: Context): SettingFact[] {
  const { dag, task } = context.focus;
  const owners = [dag, task?.sparkApp, task?.queryUser]
    .filter((name): name is string => name !== undefined)
    .map(folded);
  const own = context.file.settings.filter(({ path }) => owners.includes(folded(path.split('.')[0] ?? '')));
  const component = ({ component: name }: SettingFact): boolean =>
    context.errorText.toLowerCase().includes(name) || task?.queryUser !== undefined;
  const shared = context.file.settings.filter(
    (setting) =>
      !own.includes(setting) &&
      !context.file.pipelines.some(({ dag: other }) => folded(setting.path).startsWith(folded(other))),
  );
  return [...own, ...shared.filter(component)];
}

function folded(name: string): string {
  return name.toLowerCase().replace(/[-\s]/g, '_');
}

const PAIR = /^([+-])\s*([A-Za-z0-9_.-]+)\s*[:=]\s*(.+?)\s*$/;

/** Settings that commits changed, read out of the diffs: a removed and an added line of the same key. */
export function settingChanges(context: Context): SettingChange[] {
  const commits = factsOf(context.file, 'git_blame', 'commit');
  const lines = outsideLines(context.file, ['git_blame']).filter(({ after }) => after?.record === 'diff');
  // A setting of another pipeline does not reach this one, however lately it changed.
  const within = settingsOf(context);
  return within.flatMap((setting) => {
    const leaf = setting.key.split('.').at(-1) ?? setting.key;
    const made = lines.flatMap((line): SettingChange[] => {
      const added = PAIR.exec(line.text);
      if (added?.[1] !== '+' || added[2] !== leaf) return [];
      const sha = line.after?.fields['sha'];
      const commit = commits.find((fact) => fact.fields['sha'] === sha && fact.call === line.call);
      if (commit === undefined || !touches(commit, line, setting)) return [];
      const removed = lines.find((other) => other.after === line.after && isRemoval(other.text, leaf));
      if (removed === undefined) return [];
      return [{ setting, was: PAIR.exec(removed.text)?.[3] ?? '', is: added[3] ?? '', commit, line }];
    });
    return made.filter((change) => !made.some((later) => takesBack(later, change)));
  });
}

/** Somebody was there first: the later change put the old value back. */
function takesBack(later: SettingChange, change: SettingChange): boolean {
  const [at, before] = [later, change].map(({ commit }) => time(commit.fields['at']) ?? 0);
  return later !== change && (at ?? 0) >= (before ?? 0) && later.is === change.was && later.was === change.is;
}

function isRemoval(text: string, leaf: string): boolean {
  const read = PAIR.exec(text);
  return read?.[1] === '-' && read[2] === leaf;
}

/** One diff may show several files: the setting's own file must be the one, by the commit or by the header above the line. */
function touches(commit: Fact, line: OutsideLine, setting: SettingFact): boolean {
  const free = line.call.parsed.free;
  const index = free.findIndex((item) => item.line === line.line && item.after === line.after);
  const header = free.slice(0, index).findLast((item) => item.after === line.after && item.text.startsWith('+++ '));
  const file =
    header?.text.replace(/^\+\+\+ (?:b\/)?/, '') ?? commit.fields['files'] ?? line.after?.fields['file'] ?? '';
  return file.split(',').some((name) => name === setting.file);
}

function settingFinding(context: Context, change: SettingChange, families: readonly Family[], fit: number): Finding {
  const { setting, was, is } = change;
  const secret = /secret|credential|password|token|key_?(?:id|version|name)|certificate/i.test(setting.key);
  const version = /image|version|tag|package/i.test(setting.key);
  return {
    cause: {
      category: 'config_regression',
      component: setting.component as Finding['cause']['component'],
      entity: `${setting.component}:config/${setting.path}`,
      change: version ? 'version_upgraded' : secret ? 'credential_rotated' : 'value_changed',
      claim: `Our own commit ${change.commit.fields['sha'] ?? ''} changed ${setting.path} from ${was} to ${is} before the run failed.`,
    },
    strength: fit >= FIT.moved ? 3 : fit >= FIT.seldom ? 2 : 1,
    at: time(change.commit.fields['at']),
    quotes: [
      quoted(change.line, 'the new value'),
      quoted(change.commit, 'the commit that set it'),
      ...symptom(context, families),
    ],
    explains: families,
    repair: [
      {
        tool: 'propose_config_rollback',
        args: { target: setting.path },
        thought: `Back to ${was}: with that value the runs before passed.`,
      },
    ],
  };
}

/** How well a change fits an error, from what could seldom be to what the error names. */
const FIT = { none: 0, patch: 0.5, seldom: 1, kind: 2, moved: 3, word: 4, named: 5 } as const;

/** The families of the error that this change explains: by name and direction, or because the error names the value. */
function explained(
  context: Context,
  change: SettingChange,
  known: readonly SettingRow[],
): { families: Family[]; fit: number } {
  const { setting, was, is } = change;
  const text = context.errorText;
  if (inNamedPool(context, setting) === false) return { families: [], fit: FIT.none };
  if (isNamed(text, is) || isNamed(text, setting.key) || isTypeNamed(text, is)) {
    return { families: context.families, fit: FIT.named };
  }
  const rows = known.filter(
    ({ words, moved }) => words.test(setting.key) && (moved === undefined || direction(was, is) === moved),
  );
  const sure = context.families.filter((family) => rows.some((row) => !row.seldom && row.families.includes(family)));
  if (sure.length > 0) {
    const moved = rows.some(
      (row) => !row.seldom && row.moved !== undefined && sure.some((family) => row.families.includes(family)),
    );
    return { families: sure, fit: sharesWord(text, setting.key) ? FIT.word : moved ? FIT.moved : FIT.kind };
  }
  const could = context.families.filter((family) => rows.some(({ families }) => families.includes(family)));
  if (could.length === 0) return { families: [], fit: FIT.none };
  return { families: could, fit: isPatch(was, is) ? FIT.patch : FIT.seldom };
}

/** Whether a setting is about the pool that the error names; undefined when it names none. */
export function inNamedPool(context: Context, { key }: SettingFact): boolean | undefined {
  const pools = [...context.errorText.matchAll(/"([A-Za-z][\w./-]{1,60})"/g)].flatMap((match) => match[1] ?? []);
  if (pools.length === 0 || !context.families.includes('slots')) return undefined;
  const parts = new Set(pools.flatMap((pool) => pool.toLowerCase().split(/[^a-z0-9]+/)));
  return leafName(key)
    .toLowerCase()
    .split(/[_-]/)
    .some((word) => parts.has(word));
}

/** A change of the last number of a version: such bumps come every few days and seldom break anything. */
function isPatch(was: string, is: string): boolean {
  const parts = (text: string): string[] => /(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1) ?? [];
  const [before, after] = [parts(was), parts(is)];
  return before.length === 3 && after.length === 3 && before[0] === after[0] && before[1] === after[1];
}

/** A part of the setting's name that stands in the error text as well. */
function sharesWord(text: string, key: string): boolean {
  const lower = text.toLowerCase();
  return leafName(key)
    .split(/[_-]/)
    .some((word) => word.length >= 5 && lower.includes(word));
}

const leafName = (key: string): string => key.split('.').at(-1) ?? key;

/** `bigint` in a setting is `LongType` in an error. */
function isTypeNamed(text: string, value: string): boolean {
  const type = canonicalType(value.replace(/["']/g, ''));
  return /^(?:byte|short|integer|long|float|double|string|boolean|date|timestamp|decimal.*)$/.test(type)
    ? new RegExp(`\\b${type.replace(/\(.*$/, '')}type\\b`, 'i').test(text)
    : false;
}

/** A value is only telling when it is long enough not to stand in a text by chance. */
function isNamed(text: string, value: string): boolean {
  const plain = value.replace(/^["']|["']$/g, '');
  const [name = plain] = plain.split(':');
  return [plain, name].some((word) => word.length >= 6 && text.includes(word));
}

function direction(was: string, is: string): 'up' | 'down' | undefined {
  const [before, after] = [Number.parseFloat(was.replace(/["']/g, '')), Number.parseFloat(is.replace(/["']/g, ''))];
  if (Number.isNaN(before) || Number.isNaN(after) || before === after) return undefined;
  return after > before ? 'up' : 'down';
}
