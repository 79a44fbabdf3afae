import type { BoundConfig } from '../bind-config.js';
import type { DatasetVersion } from '../catalog.js';
import { type Finding, finding } from '../finding.js';
import type { RuleId } from '../rules.js';
import { shown } from '../shown.js';
import type { ReadConfig } from '../structure.js';
import type { ColumnChange } from './schema-diff.js';

/** A config, and what of it reads the data set that changed. */
export interface Situation {
  read: ReadConfig;
  before: BoundConfig;
  indexes: readonly number[];
}

/** What one change means for this config. Warnings stand beside a repair; everything else is for a person. */
export function judge(change: ColumnChange, situation: Situation): Finding[] {
  const say = (rule: RuleId, message: string, suggestion?: string): Finding[] => {
    const path = ['sources', situation.indexes[0] ?? 0];
    return [finding(rule, { path: path.join('.'), place: situation.read.source.placeOf(path), message, suggestion })];
  };
  if (change.kind === 'added') return added(change.to, situation, say);
  const { name } = change.from;
  if (!isUsed(name, situation)) return [];
  const types = 'to' in change ? `${change.from.type} to ${change.to.type}` : '';
  switch (change.kind) {
    case 'renamed':
    case 'nullable':
    case 'required':
      return [];
    case 'removed': {
      const like =
        change.candidates.length === 0
          ? undefined
          : `new columns of its type: ${change.candidates.join(', ')}; if one is meant, say so or give it the alias '${name}'`;
      return say('SCH004', `'${shown(name)}' is used, and is gone`, like);
    }
    case 'widened':
      return isIdentifier(change.from, situation) ? retypedIdentifier(name, types, say) : [];
    case 'narrowed':
    case 'retyped':
      if (isIdentifier(change.from, situation)) return retypedIdentifier(name, types, say);
      return say(
        'SCH003',
        `'${shown(name)}' changed from ${types}`,
        'what do the values look like now, and what did the old ones become?',
      );
    case 'unit':
      return say(
        'SCH003',
        `'${shown(name)}' changed from ${change.from.defaultText} to ${change.to.defaultText}`,
        'does everything that reads it take the unit from the schema?',
      );
    case 'values':
      return valuesChanged(change, situation, say);
  }
}

type Say = (rule: RuleId, message: string, suggestion?: string) => Finding[];

/** A key in another type is another key: nothing here casts one. */
function retypedIdentifier(name: string, types: string, say: Say): Finding[] {
  const open =
    'which format and padding do the new values have, were the old rows rewritten, do the join partners change too, and how many keys match on both sides?';
  return say('IDN001', `identifier '${shown(name)}' changed from ${types}: it needs a mapping, not a cast`, open);
}

function added(column: DatasetVersion['columns'][number], { before }: Situation, say: Say): Finding[] {
  if ([...before.transformers.values()].some(({ bound }) => bound?.facts.star !== undefined)) {
    return say('SQL011', `new column '${shown(column.name)}', and SELECT * would take it along`, 'name the columns');
  }
  if (column.nullable || column.defaultText !== undefined)
    return say('SCH002', `new optional column '${shown(column.name)}'`);
  return say('SCH005', `new column '${shown(column.name)}' without a default: rows of before can not be read with it`);
}

function valuesChanged(
  { from, added: fresh, gone }: Extract<ColumnChange, { kind: 'values' }>,
  situation: Situation,
  say: Say,
): Finding[] {
  const parts = [fresh.length > 0 ? `new: ${fresh.join(', ')}` : '', gone.length > 0 ? `gone: ${gone.join(', ')}` : ''];
  const said = say(
    'SCH007',
    `values of '${shown(from.name)}' changed (${parts.filter((part) => part !== '').join('; ')})`,
  );
  const ids = sourceIds(situation);
  const literals = [...situation.before.transformers].flatMap(([, { bound, path }]) =>
    (bound?.facts.filters ?? [])
      .filter(({ column }) => ids.includes(column.input) && column.column === from.name)
      .flatMap(({ values, place }) =>
        values
          .filter((value) => gone.includes(value))
          .map((value) =>
            finding('FLT001', {
              path: `${path}.sql`,
              place,
              message: `'${shown(value)}' is no longer a value of '${shown(from.name)}'`,
            }),
          ),
      ),
  );
  return [...said, ...literals];
}

/** Under which names SQL reads the data set. */
export const sourceIds = ({ read, indexes }: Pick<Situation, 'read' | 'indexes'>): string[] =>
  indexes.flatMap((index) => read.config.sources[index]?.id ?? []);

function isUsed(name: string, situation: Situation): boolean {
  const ids = sourceIds(situation);
  const inSql = [...situation.before.transformers.values()].some(({ bound }) =>
    bound?.facts.reads.some(({ input, column }) => ids.includes(input) && column === name),
  );
  const inChanges = situation.indexes.some((index) => {
    const { keys = [], sequenceBy = [] } = situation.read.config.sources[index]?.cdc ?? {};
    return [...keys, ...sequenceBy].includes(name);
  });
  return inSql || inChanges;
}

function isIdentifier({ name, identifier }: DatasetVersion['columns'][number], { indexes, read }: Situation): boolean {
  const keys = indexes.flatMap((index) => read.config.sources[index]?.cdc?.keys ?? []);
  return identifier === true || keys.includes(name) || /(?:^|_)id$/i.test(name);
}
