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

/** The fields of an Avro schema; a schema that is no record has one, named by `.`. */
export function avroFields(root: unknown): SchemaField[] {
  const out: SchemaField[] = [];
  const node = asNode(root);
  if (node['type'] === 'record' || node['type'] === 'error') {
    out.push(whole('', traitsOf({ name: fullName(node), aliases: strings(node['aliases']).join(',') })));
    walk(node, '', 0, out);
    return out;
  }
  if (!isNode(root) && typeof root !== 'string' && !Array.isArray(root)) throw new TypeError('no Avro schema');
  const inner = innerOf(root);
  out.push(fieldOf({ name: '.', type: root }, '.', 0, inner.symbols));
  if (inner.record) walk(inner.record, '', 0, out);
  return out;
}

function fullName(node: Node): string | undefined {
  const [name, namespace] = [text(node['name']), text(node['namespace'])];
  return name === undefined || namespace === undefined || name.includes('.') ? name : `${namespace}.${name}`;
}

function walk(record: Node, prefix: string, depth: number, out: SchemaField[]): void {
  if (!Array.isArray(record['fields'])) throw new TypeError('an Avro record without fields');
  record['fields'].filter(isNode).forEach((field, position) => {
    if (out.length >= MOST_FIELDS) return;
    const path = `${prefix}${String(field['name'])}`;
    const inner = innerOf(field['type']);
    out.push(fieldOf(field, path, position, inner.symbols));
    if (inner.record && depth < DEEPEST) walk(inner.record, `${path}${inner.list ? '[]' : ''}.`, depth + 1, out);
  });
}

function fieldOf(field: Node, path: string, position: number, symbols: string[] | undefined): SchemaField {
  return {
    path,
    type: avroType(field['type']),
    position,
    default: literal(field['default']),
    doc: text(field['doc']),
    aliases: strings(field['aliases']),
    symbols,
    identity: undefined,
    traits: traitsOf({ aliases: strings(field['aliases']).join(','), order: text(field['order']) }),
  };
}

/** The record or enum inside a union or an array, where there is one. */
function innerOf(type: unknown): { record?: Node; list?: boolean; symbols?: string[] } {
  if (Array.isArray(type)) return type.map(innerOf).find((item) => item.record ?? item.symbols) ?? {};
  if (!isNode(type)) return {};
  if (type['type'] === 'record') return { record: type };
  if (type['type'] === 'enum') return { symbols: strings(type['symbols']) };
  if (type['type'] === 'array' || type['type'] === 'map')
    return { ...innerOf(type['items'] ?? type['values']), list: true };
  return isNode(type['type']) || Array.isArray(type['type']) ? innerOf(type['type']) : {};
}

function avroType(type: unknown): string {
  if (typeof type === 'string') return type;
  if (Array.isArray(type)) {
    const others = type.filter((item) => item !== 'null').map(avroType);
    const one = others.length === 1 ? (others[0] ?? 'null') : `union<${others.join(',')}>`;
    return type.includes('null') ? `${one}?` : one;
  }
  const node = asNode(type);
  if (node['logicalType'] === 'decimal') return `decimal(${String(node['precision'])},${String(node['scale'] ?? 0)})`;
  if (typeof node['logicalType'] === 'string') return node['logicalType'];
  if (node['type'] === 'array') return `array<${avroType(node['items'])}>`;
  if (node['type'] === 'map') return `map<string,${avroType(node['values'])}>`;
  if (node['type'] === 'fixed') return `fixed(${String(node['size'])})`;
  if (node['type'] === undefined) throw new TypeError('an Avro schema without a type');
  return avroType(node['type']);
}
