import type { CatalogDataset } from '../catalog.js';
import { DataLevel } from '../config.js';
import type { Finding } from '../finding.js';
import { at, type BoundContext, type CheckContext, originsOf, sameName } from './context.js';

const rank = (level: DataLevel): number => DataLevel.options.indexOf(level);

/** The highest level among what is read. */
export function highestLevel({ sources }: CheckContext): { level: DataLevel; of: string } | undefined {
  return sources
    .flatMap(({ dataset }) => (dataset === undefined ? [] : [{ level: dataset.level, of: dataset.name }]))
    .sort((a, b) => rank(b.level) - rank(a.level))[0];
}

/** Whether the first level is more open than the second. */
export const isLower = (a: DataLevel, b: DataLevel): boolean => rank(a) < rank(b);

/** REG003: data does not become more open by being copied. */
export function lowerLevels(context: CheckContext): Finding[] {
  const { level } = context.config.metadata.classification;
  const highest = highestLevel(context);
  if (highest === undefined || !isLower(level, highest.level)) return [];
  const path = ['metadata', 'classification', 'level'];
  const message = `classification '${level}' is lower than '${highest.level}' of '${highest.of}'`;
  return [at(context, 'REG003', path, message, `level: ${highest.level}`)];
}

/** REG004: personal data goes where more people look. */
export function exposedPersons(context: BoundContext): Finding[] {
  const { metadata, sink } = context.config;
  const { level, pii = [] } = metadata.classification;
  const given = context.tables.get(sink.input);
  return sink.columns.flatMap(({ name }, index) => {
    const column = given?.columns.find((each) => sameName(each.name, name));
    const personal = column?.pii === true || pii.some((each) => sameName(each, name));
    if (!personal) return [];
    const origins = originsOf(context, { input: sink.input, column: column?.name ?? name });
    const from = context.sources.filter(({ source }) => origins.some(({ input }) => input === source.id));
    const highest = highestLevel({ ...context, sources: from });
    const lower = highest !== undefined && isLower(level, highest.level);
    if (!lower && level !== 'public') return [];
    const message = `personal column '${name}' goes to '${level}'${lower ? `, and comes from '${highest.level}'` : ''}`;
    return [at(context, 'REG004', ['sink', 'columns', index, 'name'], message, 'leave it out, or raise the level')];
  });
}

/** Tags of data protection: kept by levels and masks, not by one group of authors. */
const PROTECTION = new Set(['none', 'gdpr', 'pci', 'sox']);

/** REG006: only the people of risk and compliance draft over what is tagged as regulated. */
export function regulatedData(context: CheckContext): Finding[] {
  const { catalog, config, team } = context;
  if (catalog.riskAndCompliance.includes(team)) return [];
  const say = (path: readonly PropertyKey[], what: string, tag: string): Finding => {
    const groups = catalog.riskAndCompliance.join(', ');
    const message = `${what} is tagged '${tag}', and team '${team}' is not of risk and compliance`;
    return at(context, 'REG006', path, message, groups === '' ? undefined : `these may: ${groups}`);
  };
  const tagged = (dataset: CatalogDataset | undefined): dataset is CatalogDataset =>
    dataset !== undefined && !PROTECTION.has(dataset.regulated);
  const { regulated } = config.metadata.classification;
  const target = catalog.datasets.find(({ name }) => name === (config.sink.path ?? config.sink.table));
  return [
    ...context.sources.flatMap(({ path, dataset }) =>
      tagged(dataset) ? [say([...path, 'id'], `'${dataset.name}'`, dataset.regulated)] : [],
    ),
    ...(tagged(target) ? [say(['sink'], `'${target.name}'`, target.regulated)] : []),
    ...(PROTECTION.has(regulated) ? [] : [say(['metadata', 'classification', 'regulated'], 'the pipeline', regulated)]),
  ];
}
