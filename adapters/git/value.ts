import { isAlias, isMap, isScalar, parseAllDocuments } from 'yaml';

const LONGEST = 300;

/** The value at a dotted key of a file's text, as text; undefined when the file does not hold it. */
export function valueIn(path: string, text: string, key: string): string | undefined {
  const value = /\.(properties|conf|cfg|env)$/i.test(path) ? propertyIn(text, key) : nodeIn(text, key);
  return value === undefined || value.length <= LONGEST ? value : `${value.slice(0, LONGEST)}…`;
}

/** Java properties and Spark's configuration: `key=value`, `key: value` or `key value`; the last one counts. */
function propertyIn(text: string, key: string): string | undefined {
  const lines = text.replace(/\\\r?\n\s*/g, '').split(/\r?\n/);
  const values = lines.flatMap((line) => {
    const parts = /^\s*([^#!\s=:][^\s=:]*)\s*[=:\s]\s*(.*?)\s*$/.exec(line);
    return parts && parts[1] === key ? [parts[2] ?? ''] : [];
  });
  return values.at(-1);
}

/** YAML, of which JSON is a part. A key may itself hold dots: `spark.executor.memory`. */
function nodeIn(text: string, key: string): string | undefined {
  try {
    const documents = parseAllDocuments(text);
    for (const document of Array.isArray(documents) ? documents : []) {
      const found = document.errors.length === 0 ? search(document.contents, key) : undefined;
      if (found !== undefined) return found;
    }
  } catch {
    // A version of the file that was never valid held no value.
  }
  return undefined;
}

function search(node: unknown, key: string): string | undefined {
  if (key === '') return shown(node);
  if (!isMap(node)) return undefined;
  const parts = key.split('.');
  for (let taken = parts.length; taken > 0; taken -= 1) {
    const child = node.get(parts.slice(0, taken).join('.'), true);
    const found = child === undefined ? undefined : search(child, parts.slice(taken).join('.'));
    if (found !== undefined) return found;
  }
  return undefined;
}

function shown(node: unknown): string | undefined {
  if (isScalar(node)) return String(node.value);
  return node === undefined || node === null || isAlias(node) ? undefined : JSON.stringify(node);
}
