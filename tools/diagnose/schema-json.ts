import {
  asNode,
  DEEPEST,
  isNode,
  literal,
  MOST_FIELDS,
  type Node,
  type SchemaField,
  strings,
  text,
  traitsOf,
  whole,
} from './schema-field.js';

const CONSTRAINTS = [
  'const',
  'pattern',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'contentEncoding',
];

/** The properties of a JSON Schema; a type with `?` is not required. */
export function jsonFields(root: unknown): SchemaField[] {
  if (!isNode(root)) throw new TypeError('no JSON Schema with properties');
  const out: SchemaField[] = [];
  const scope: Scope = { root, steps: 0 };
  walk(resolved(root, scope), scope, '', 0, out);
  return out;
}

/** References may lead in circles, and each way of going round them is another one. */
const MOST_STEPS = 100_000;
interface Scope {
  root: Node;
  steps: number;
}

function walk(schema: Node, scope: Scope, prefix: string, depth: number, out: SchemaField[]): void {
  if (depth > DEEPEST) return;
  const required = strings(schema['required']);
  if (schema['additionalProperties'] !== undefined || schema['patternProperties'] !== undefined)
    out.push(
      whole(
        prefix.slice(0, -1),
        traitsOf({
          additional_properties: openness(schema['additionalProperties'], scope),
          pattern_properties: Object.keys(asNode(schema['patternProperties'])).join(','),
        }),
      ),
    );
  Object.entries(asNode(schema['properties'])).forEach(([name, raw], position) => {
    if (out.length >= MOST_FIELDS) return;
    const field = resolved(asNode(raw), scope);
    const path = `${prefix}${name}`;
    out.push({
      path,
      type: `${jsonType(field, scope)}${required.includes(name) ? '' : '?'}`,
      position,
      default: literal(field['default']),
      doc: text(field['description']),
      aliases: [],
      symbols: Array.isArray(field['enum']) ? field['enum'].map(String) : undefined,
      identity: undefined,
      traits: traitsOf(Object.fromEntries(CONSTRAINTS.map((name) => [name, literal(field[name])]))),
    });
    walk(field, scope, `${path}.`, depth + 1, out);
    walk(resolved(asNode(field['items']), scope), scope, `${path}[].`, depth + 1, out);
  });
}

function openness(value: unknown, scope: Scope): string | undefined {
  return isNode(value) ? jsonType(resolved(value, scope), scope) : literal(value);
}

/** With what `$ref` points to inside this schema, and with the parts of `allOf`. */
function resolved(node: Node, scope: Scope, depth = 0): Node {
  scope.steps += 1;
  if (scope.steps > MOST_STEPS) throw new RangeError('a JSON Schema that leads in circles');
  const ref = text(node['$ref']);
  let found: Node = node;
  if ((ref === '#' || ref?.startsWith('#/')) && depth < DEEPEST) {
    const target = ref
      .split('/')
      .slice(1)
      .reduce<unknown>((at, key) => asNode(at)[pointerKey(key)], scope.root);
    found = { ...resolved(asNode(target), scope, depth + 1), ...node };
  }
  if (!Array.isArray(found['allOf']) || depth >= DEEPEST) return found;
  const parts = found['allOf'].map((part) => resolved(asNode(part), scope, depth + 1));
  return {
    ...Object.assign({}, ...parts),
    ...found,
    properties: Object.assign({}, ...[...parts, found].map((part) => asNode(part['properties']))),
    required: [...parts, found].flatMap((part) => strings(part['required'])),
  };
}

function pointerKey(key: string): string {
  const plain = key.replaceAll('~1', '/').replaceAll('~0', '~');
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}

function jsonType(field: Node, scope: Scope, depth = 0): string {
  const alternatives = [field['oneOf'], field['anyOf']].find(Array.isArray);
  if (depth > DEEPEST) return 'any';
  if (alternatives)
    return `union<${alternatives.map((item) => jsonType(resolved(asNode(item), scope), scope, depth + 1)).join(',')}>`;
  const external = text(field['$ref']);
  const type = Array.isArray(field['type']) ? field['type'].map(String).join('|') : text(field['type']);
  if (type === undefined && external !== undefined && !external.startsWith('#/')) return external;
  if (type === 'array') return `array<${jsonType(resolved(asNode(field['items']), scope), scope, depth + 1)}>`;
  const format = text(field['format']);
  return Array.isArray(field['enum']) ? 'enum' : format ? `${type ?? 'any'}/${format}` : (type ?? 'any');
}
