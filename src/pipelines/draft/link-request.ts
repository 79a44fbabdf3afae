import type { CatalogDataset, PipelineCatalog } from '../catalog.js';

/** A request with its names looked up: `@d0` is a data set, `@p0` a path, `@q0` a quoted text. */
export interface LinkedRequest {
  text: string;
  datasets: readonly CatalogDataset[];
  paths: readonly string[];
  quotes: readonly string[];
}

const PATH = /(?:\b(?:s3a?|abfss?|wasbs?):\/\/[^\s,;'"`]+|(?<![\w/.])\/[\w.=-]+(?:\/[\w.=*-]+)+\/?)/gi;
const QUOTED = /(?<!\w)(?:'([^'\n]{1,80})'|"([^"\n]{1,80})"|“([^”\n]{1,80})”)(?!\w)/g;
const READS =
  '(?:from|cop(?:y|ies|ying)|loads?|reads?|reading|takes?|source|table|topic|join(?:s|ed|ing)?(?:\\s+(?:with|to))?|enrich\\w*(?:(?:\\s+\\w+)?\\s+with)?|combin\\w+|match\\w*|against|using)';

/** Looks up data sets by every name the catalogue gives them, so that the grammar sees one word where people write several. */
export function linkRequest(request: string, catalog: PipelineCatalog): LinkedRequest {
  const paths: string[] = [];
  const quotes: string[] = [];
  const datasets: CatalogDataset[] = [];
  const linked = (dataset: CatalogDataset): string => {
    const at = datasets.indexOf(dataset);
    return ` @d${at >= 0 ? at : datasets.push(dataset) - 1} `;
  };
  let text = request
    .replaceAll(/[@␟]/g, ' ')
    .replaceAll(/[‘’]/g, "'")
    .replaceAll('`', '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(PATH, (path) => {
      const plain = path.replace(/[.,;:]+$/, '');
      return ` @p${paths.push(plain) - 1}${path.slice(plain.length)} `;
    })
    .replaceAll(QUOTED, (_all, single?: string, double?: string, curly?: string) => {
      const value = single ?? double ?? curly ?? '';
      const known = namesOf(catalog).find(({ form }) => form.toLowerCase() === value.toLowerCase());
      return known === undefined ? ` @q${quotes.push(value) - 1} ` : linked(known.dataset);
    });
  for (const { form, dataset } of namesOf(catalog)) {
    text = text.replaceAll(mention(form), (_all, before: string) => `${before}${linked(dataset)}`);
  }
  return { text: text.replaceAll(/\s+/g, ' ').trim(), datasets, paths, quotes };
}

interface NamedForm {
  form: string;
  dataset: CatalogDataset;
}

/** Every way of writing a data set, the longest first; one that two data sets share is none. */
export function namesOf(catalog: PipelineCatalog): NamedForm[] {
  const forms = new Map<string, NamedForm | undefined>();
  for (const dataset of catalog.datasets) {
    const own = [dataset.name, ...dataset.aliases];
    const short = own.flatMap((name) => (/[./]/.test(name) ? [name.split(/[./]/).at(-1) ?? name] : []));
    const spaced = [...own, ...short].flatMap((name) => (/^\w+_\w+$/.test(name) ? [name.replaceAll('_', ' ')] : []));
    for (const form of new Set([...own, ...short, ...spaced])) {
      if (form.length < 3) continue;
      const key = form.toLowerCase();
      const other = forms.get(key);
      const shared = forms.has(key) && other?.dataset !== dataset;
      forms.set(key, shared ? undefined : { form, dataset });
    }
  }
  return [...forms.values()].flatMap((each) => each ?? []).sort((a, b) => b.form.length - a.form.length);
}

/** An everyday word (`customers`) is a data set only where something is read; a name in capitals or with _ and . is one anywhere. */
function mention(form: string): RegExp {
  const escaped = form.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&').replaceAll(' ', '\\s+');
  const bound = `(?<![\\w./@-])${escaped}(?![\\w/-]|\\.\\w)`;
  if (/[_.\d\s]/.test(form)) return new RegExp(`()${bound}`, 'gi');
  return new RegExp(`(\\b${READS}\\s+(?:the\\s+)?(?:\\w+\\s+)?(?:table|topic)?\\s*)${bound}`, 'gi');
}

/** Joins `customer id` to `customer_id` where a source has that column: then a name is one word. */
export function joinColumnWords(text: string, columns: readonly string[]): string {
  const spaced = [...new Set(columns)].filter((name) => name.includes('_') && !name.startsWith('_'));
  return spaced
    .sort((a, b) => b.length - a.length)
    .reduce((done, name) => done.replaceAll(new RegExp(`\\b${name.replaceAll('_', '[ -]')}\\b`, 'gi'), name), text);
}
