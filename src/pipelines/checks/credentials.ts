import { isScalar, type Node, type Pair, visit } from 'yaml';
import type { ConfigText } from '../document.js';
import { type Finding, finding, type Place } from '../finding.js';
import { findCredentials } from './credential-shapes.js';
import { nameWords } from './words.js';

const SECRET_WORDS = new Set([
  ...[
    'password',
    'passwd',
    'pwd',
    'passphrase',
    'secret',
    'credential',
    'credentials',
    'passwort',
    'kennwort',
    'token',
  ],
  ...['sas', 'apikey'],
]);
const SECRET_PAIRS = new Set([
  ...['api key', 'access key', 'account key', 'private key', 'connection string', 'jaas config', 'auth header'],
]);

/** `${name}`, `{{name}}` or `vault:…`: a name of a secret, not the secret. */
const REFERENCE = /^(?:\$\{[\w.:-]{1,100}\}|(?:vault|secret|keyvault|ssm):[\w./:@-]{1,200})$/;

/** SEC001: a credential written into a config, by the name of its key or by its form, in values and in comments alike. The value itself is never said. */
export function inlineCredentials(source: ConfigText): Finding[] {
  const findings: Finding[] = [];
  const lines = new Set<number>();
  visit(source.document, {
    Scalar(key, node, parents) {
      if (key === 'key' || typeof node.value !== 'string') return;
      const path = pathOf(parents, key);
      const what = credentialIn(node.value, path);
      if (what === undefined) return;
      const place = source.placeOf(path);
      if (place !== undefined) for (let line = place.line; line <= place.endLine; line += 1) lines.add(line);
      findings.push(told(what, path.join('.'), place));
    },
  });
  return [...findings, ...elsewhere(source.text, lines)];
}

function told(what: string, path: string, place: Place | undefined): Finding {
  const message = `${what} is written inline${path === '' ? '' : ` at ${path}`}`;
  return finding('SEC001', {
    path,
    place,
    message,
    suggestion: 'name a connection of the platform; change this credential now',
  });
}

function pathOf(parents: readonly (Node | Pair | unknown)[], key: unknown): string[] {
  const path: string[] = [];
  for (const [index, parent] of parents.entries()) {
    const child: unknown = parents[index + 1];
    const items = (parent as { items?: unknown[] } | null)?.items;
    const pair = parent as { key?: unknown } | null;
    if (isScalar(pair?.key)) path.push(String(pair.key.value));
    else if (items !== undefined && child !== undefined && !isPair(child)) path.push(String(items.indexOf(child)));
  }
  return typeof key === 'number' ? [...path, String(key)] : path;
}

const isPair = (node: unknown): boolean => typeof node === 'object' && node !== null && 'key' in node;

function credentialIn(value: string, path: readonly string[]): string | undefined {
  const key = [...path].reverse().find((part) => !/^\d+$/.test(part)) ?? '';
  // Mock rows have the names of columns as keys, and a column may well be called `token`.
  const named = path[0] !== 'tests' && value !== '' && !REFERENCE.test(value) && isSecretKey(key);
  if (named) return `a value of '${key.slice(0, 40)}'`;
  const isSql = key === 'sql' || key === 'expr' || key === 'expect' || path[0] === 'tests';
  return findCredentials(value, !isSql)[0]?.what;
}

function isSecretKey(key: string): boolean {
  const words = nameWords(key);
  return (
    words.some((word) => SECRET_WORDS.has(word)) ||
    words.some((word, index) => SECRET_PAIRS.has(`${word} ${words[index + 1] ?? ''}`))
  );
}

/** What stands beside the values: comments. */
function elsewhere(text: string, told: ReadonlySet<number>): Finding[] {
  return text.split('\n').flatMap((line, index) => {
    const hash = /(?:^|\s)#/.exec(line);
    if (hash === null || told.has(index + 1)) return [];
    const begin = hash.index;
    return findCredentials(line.slice(begin), true)
      .slice(0, 1)
      .map(({ what, start, end }) => {
        const place = { line: index + 1, column: begin + start + 1, endLine: index + 1, endColumn: begin + end + 1 };
        return finding('SEC001', {
          place,
          message: `${what} is written in a comment`,
          suggestion: 'change this credential now',
        });
      });
  });
}

/** Credentials in a text that is no YAML at all. */
export function rawCredentials(text: string): Finding[] {
  return text.split('\n').flatMap((line, index) =>
    findCredentials(line, true)
      .slice(0, 1)
      .map(({ what, start, end }) => {
        const place = { line: index + 1, column: start + 1, endLine: index + 1, endColumn: end + 1 };
        return told(what, '', place);
      }),
  );
}
