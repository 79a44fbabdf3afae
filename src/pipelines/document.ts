import { type Document, isAlias, isMap, isNode, isScalar, LineCounter, type Node, parseDocument, visit } from 'yaml';
import { type Finding, finding, type Place } from './finding.js';

const MAX_BYTES = 256 * 1024;
const MAX_DEPTH = 32;
const MAX_NODES = 50_000;

/** A config as its author wrote it: the values, and where each stands. */
export interface ConfigText {
  text: string;
  value: unknown;
  document: Document;
  /** Where the value at a path stands; the nearest parent that exists when it does not. */
  placeOf(path: readonly PropertyKey[]): Place | undefined;
  /** Where the key itself stands, for a key that should not be there. */
  placeOfKey(path: readonly PropertyKey[], key: string): Place | undefined;
}

/** Reads a file of config. What YAML can do and a config must not (aliases, tags, double keys, huge or deep files) is a finding, never a crash. */
export function readConfigText(text: string): { config: ConfigText | undefined; findings: Finding[] } {
  if (Buffer.byteLength(text) > MAX_BYTES) {
    const message = `the file has ${Math.ceil(Buffer.byteLength(text) / 1024)} KiB; ${MAX_BYTES / 1024} is the most`;
    return { config: undefined, findings: [finding('CFG005', { message })] };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    merge: false,
    schema: 'core',
    version: '1.2',
    strict: true,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const faults = document.errors.map((error) =>
    finding('CFG005', { message: firstLine(error.message), place: placeBetween(lines, error.pos[0], error.pos[1]) }),
  );
  const findings = [...faults, ...(faults.length > 0 ? [] : forbidden(document, lines))];
  if (findings.length > 0) return { config: undefined, findings };
  return { config: configText(text, document, lines), findings };
}

/** What YAML allows and nobody who reviews a config would expect. */
function forbidden(document: Document, lines: LineCounter): Finding[] {
  const findings: Finding[] = [];
  let nodes = 0;
  const say = (node: Node, message: string): symbol => {
    findings.push(finding('CFG005', { message, place: placeOfNode(lines, node) }));
    return visit.SKIP;
  };
  visit(document, {
    Node(_key, node, parents) {
      nodes += 1;
      if (nodes > MAX_NODES) {
        say(node, `more than ${MAX_NODES} values`);
        return visit.BREAK;
      }
      if (isAlias(node)) return say(node, 'an alias; write the value again, and quote what begins with *');
      if (node.anchor !== undefined) return say(node, 'an anchor; write the value where it is needed');
      if (node.tag !== undefined && !node.tag.startsWith('tag:yaml.org,2002:')) return say(node, `the tag ${node.tag}`);
      if (parents.length > 2 * MAX_DEPTH) return say(node, `nested deeper than ${MAX_DEPTH}`);
      if (isScalar(node) && typeof node.value === 'string' && /\{\{|\{%|<%/.test(node.value)) {
        return say(node, `a template; write the value, or a parameter as \${name}`);
      }
      return undefined;
    },
  });
  if (document.contents === null || !isMap(document.contents)) {
    findings.push(finding('CFG005', { message: 'not a mapping of keys: a config begins with apiVersion' }));
  }
  return findings;
}

function configText(text: string, document: Document, lines: LineCounter): ConfigText {
  const nodeAt = (path: readonly PropertyKey[]): Node | undefined => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
      if (isNode(node)) return node;
    }
    return undefined;
  };
  return {
    text,
    value: document.toJS(),
    document,
    placeOf: (path) => {
      const node = nodeAt(path);
      return node === undefined ? undefined : placeOfNode(lines, node);
    },
    placeOfKey: (path, key) => {
      const parent = path.length === 0 ? document.contents : document.getIn(path, true);
      const pair = isMap(parent)
        ? parent.items.find((item) => isScalar(item.key) && item.key.value === key)
        : undefined;
      return pair !== undefined && isNode(pair.key) ? placeOfNode(lines, pair.key) : undefined;
    },
  };
}

function placeOfNode(lines: LineCounter, node: Node): Place | undefined {
  const [start, end] = node.range ?? [];
  return start === undefined || end === undefined ? undefined : placeBetween(lines, start, end);
}

function placeBetween(lines: LineCounter, start: number, end: number): Place {
  const [from, to] = [lines.linePos(start), lines.linePos(end)];
  return { line: from.line, column: from.col, endLine: to.line, endColumn: to.col };
}

const firstLine = (text: string): string => text.split('\n')[0]?.slice(0, 300) ?? '';
