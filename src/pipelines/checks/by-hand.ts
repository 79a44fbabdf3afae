import type { Finding } from '../finding.js';
import { shown } from '../shown.js';
import { isTime } from './column-meaning.js';
import { mentioned } from './conditions.js';
import { at, type CheckContext, eachQuery, inQuery, sameName } from './context.js';
import { tableOf } from './joins.js';

const STATEFUL_CLASS = /mapGroupsWithState|transformWithState|stateful|streaming/i;

/** WIN002: a watermark, which parses as no query, and classes that say that they keep a state. Windows of sessions are the binder's to say. */
export function statefulWork(context: CheckContext): Finding[] {
  const written = context.queries.flatMap((query) =>
    query.tokens.flatMap(({ kind, text, start, end }, index): Finding[] => {
      const before = query.tokens[index - 1]?.text.toLowerCase();
      if (kind !== 'word' || !/^watermark$/i.test(text) || before === 'as' || before === '.') return [];
      if (query.tokens[index + 1]?.kind !== 'word') return [];
      const message = 'a watermark keeps a state: a person writes this part';
      return [inQuery(context, query, 'WIN002', query.placeAt(start, end), message)];
    }),
  );
  const classes = context.config.transformers.flatMap((transformer, index) =>
    transformer.type === 'scala' && STATEFUL_CLASS.test(transformer.class)
      ? [at(context, 'WIN002', ['transformers', index, 'class'], `'${shown(transformer.class)}' keeps a state`)]
      : [],
  );
  return [...written, ...classes];
}

/** WIN003 where the times are compared in WHERE; in ON it is the binder's to say. */
export const selfJoinsOverTime = eachQuery((context, query) =>
  query.shape.selects.flatMap(({ relations, where }): Finding[] => {
    const twice = relations.find((relation, index) =>
      relations.some((other, at) => at < index && other.table !== undefined && other.table === relation.table),
    );
    const table = tableOf(query.inputs, twice);
    if (twice === undefined || table === undefined) return [];
    const times = table.columns.filter(isTime);
    const compared = (where === undefined ? [] : mentioned(where)).filter((column) =>
      times.some(({ name }) => sameName(name, column.name)),
    );
    // A filter on one side by a literal is no comparison of two times.
    if (new Set(compared.map((column) => column.table)).size < 2) return [];
    const place = query.placeOf(twice.span);
    const message = `'${table.name}' is joined with itself over ${compared[0]?.name}: a person writes this part`;
    return [inQuery(context, query, 'WIN003', place, message)];
  }),
);

/** SCA001: an artifact that may be another one tomorrow. */
export function unpinnedArtifacts(context: CheckContext): Finding[] {
  return context.config.transformers.flatMap((transformer, index) => {
    if (transformer.type !== 'scala') return [];
    const [group, name, version = '', ...rest] = transformer.artifact.split(':');
    const pinned = /^\d[\w.+-]*$/.test(version) && !/snapshot|latest|release$|\+$/i.test(version);
    if (group && name && pinned && rest.length === 0) return [];
    const message = `the artifact '${shown(transformer.artifact)}' is not pinned to a version`;
    return [at(context, 'SCA001', ['transformers', index, 'artifact'], message, 'group:name:1.2.3')];
  });
}

/** SCA002: nobody can check what a class gives but what it declares. */
export function undeclaredOutputs(context: CheckContext): Finding[] {
  return context.config.transformers.flatMap((transformer, index) =>
    transformer.type === 'scala' && (transformer.output ?? []).length === 0
      ? [at(context, 'SCA002', ['transformers', index], `Scala transformer '${transformer.id}' declares no output`)]
      : [],
  );
}
