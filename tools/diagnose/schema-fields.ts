/** One field of a schema, whatever its language: `path` is dotted, `[]` stands for the elements of an array. */
export interface SchemaField {
  path: string;
  type: string;
  /** Place among its siblings. */
  position: number;
  default: string | undefined;
  doc: string | undefined;
  aliases: string[];
  symbols: string[] | undefined;
  /** What the language itself holds to be the field's identity (Protobuf's number). */
  identity: string | undefined;
}

type Node = Record<string, unknown>;
const DEEPEST = 8;

/** The fields of an Avro, JSON or Protobuf schema; undefined when the text can not be read as its type says. */
export function fieldsOf(type: string, schema: string): SchemaField[] | undefined {
  if (type.toUpperCase().startsWith('PROTO')) return protobufFields(schema);
  let root: unknown;
  try {
    root = JSON.parse(schema);
  } catch {
    return undefined;
  }
  const fields: SchemaField[] = [];
  if (type.toUpperCase() === 'JSON') jsonFields(asNode(root), asNode(root), '', 0, fields);
  else avroFields(root, '', 0, new Map(), fields);
  return fields;
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const asNode = (value: unknown): Node => (isNode(value) ? value : {});
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
const literal = (value: unknown): string | undefined => (value === undefined ? undefined : JSON.stringify(value));

function avroFields(
  schema: unknown,
  prefix: string,
  depth: number,
  names: Map<string, unknown>,
  out: SchemaField[],
): void {
  const node = asNode(schema);
  if (typeof node['name'] === 'string') names.set(node['name'], schema);
  if (depth > DEEPEST || !Array.isArray(node['fields'])) return;
  node['fields'].filter(isNode).forEach((field, position) => {
    const path = `${prefix}${String(field['name'])}`;
    const inner = avroInner(field['type'], names);
    out.push({
      path,
      type: avroType(field['type'], names),
      position,
      default: literal(field['default']),
      doc: text(field['doc']),
      aliases: strings(field['aliases']),
      symbols: inner.symbols,
      identity: undefined,
    });
    if (inner.record) avroFields(inner.record, `${path}${inner.list ? '[]' : ''}.`, depth + 1, names, out);
  });
}

/** The record or enum inside a union or an array, where there is one. */
function avroInner(type: unknown, names: Map<string, unknown>): { record?: Node; list?: boolean; symbols?: string[] } {
  if (Array.isArray(type))
    return type.map((item) => avroInner(item, names)).find((item) => item.record ?? item.symbols) ?? {};
  if (!isNode(type)) return {};
  if (type['type'] === 'record') return { record: type };
  if (type['type'] === 'enum') return { symbols: strings(type['symbols']) };
  if (type['type'] === 'array' || type['type'] === 'map')
    return { ...avroInner(type['items'] ?? type['values'], names), list: true };
  return isNode(type['type']) || Array.isArray(type['type']) ? avroInner(type['type'], names) : {};
}

function avroType(type: unknown, names: Map<string, unknown>): string {
  if (typeof type === 'string') return type;
  if (Array.isArray(type)) {
    const others = type.filter((item) => item !== 'null').map((item) => avroType(item, names));
    const one = others.length === 1 ? (others[0] ?? 'null') : `union<${others.join(',')}>`;
    return type.includes('null') ? `${one}?` : one;
  }
  const node = asNode(type);
  if (node['logicalType'] === 'decimal') return `decimal(${String(node['precision'])},${String(node['scale'] ?? 0)})`;
  if (typeof node['logicalType'] === 'string') return node['logicalType'];
  if (node['type'] === 'array') return `array<${avroType(node['items'], names)}>`;
  if (node['type'] === 'map') return `map<string,${avroType(node['values'], names)}>`;
  if (node['type'] === 'fixed') return `fixed(${String(node['size'])})`;
  return typeof node['type'] === 'string' ? node['type'] : avroType(node['type'], names);
}

function jsonFields(schema: Node, root: Node, prefix: string, depth: number, out: SchemaField[]): void {
  if (depth > DEEPEST) return;
  const required = strings(schema['required']);
  Object.entries(asNode(schema['properties'])).forEach(([name, raw], position) => {
    const field = resolved(asNode(raw), root);
    const items = resolved(asNode(field['items']), root);
    const path = `${prefix}${name}`;
    out.push({
      path,
      type: `${jsonType(field, root)}${required.includes(name) ? '' : '?'}`,
      position,
      default: literal(field['default']),
      doc: text(field['description']),
      aliases: [],
      symbols: Array.isArray(field['enum']) ? field['enum'].map(String) : undefined,
      identity: undefined,
    });
    jsonFields(field, root, `${path}.`, depth + 1, out);
    jsonFields(items, root, `${path}[].`, depth + 1, out);
  });
}

function resolved(node: Node, root: Node): Node {
  const ref = text(node['$ref']);
  if (!ref?.startsWith('#/')) return node;
  const target = ref
    .slice(2)
    .split('/')
    .reduce<unknown>((at, key) => asNode(at)[key], root);
  return { ...asNode(target), ...node };
}

function jsonType(field: Node, root: Node): string {
  const alternatives = [field['oneOf'], field['anyOf']].find(Array.isArray);
  if (alternatives)
    return `union<${alternatives.map((item) => jsonType(resolved(asNode(item), root), root)).join(',')}>`;
  const type = Array.isArray(field['type']) ? field['type'].map(String).join('|') : (text(field['type']) ?? 'any');
  if (type === 'array') return `array<${jsonType(resolved(asNode(field['items']), root), root)}>`;
  const format = text(field['format']);
  return Array.isArray(field['enum']) ? 'enum' : format ? `${type}/${format}` : type;
}

/** Fields of all messages by their line form; groups, maps and options are read as far as a field line goes. */
function protobufFields(schema: string): SchemaField[] {
  const out: SchemaField[] = [];
  const stack: string[] = [];
  for (const line of schema.replace(/\/\*[\s\S]*?\*\//g, '').split('\n')) {
    const code = line.replace(/\/\/.*$/, '').trim();
    const opened = /^(?:message|oneof|enum)\s+(\w+)/.exec(code);
    const field = /^(?:(repeated|optional|required)\s+)?(map<[^>]+>|[\w.]+)\s+(\w+)\s*=\s*(\d+)/.exec(code);
    if (opened) stack.push(opened[1] ?? '');
    else if (field) {
      const owner = stack.slice(1).join('.');
      const type = field[1] === 'repeated' ? `array<${field[2]}>` : `${field[2]}${field[1] === 'optional' ? '?' : ''}`;
      out.push({
        path: owner ? `${owner}.${field[3]}` : (field[3] ?? ''),
        type,
        position: out.length,
        default: undefined,
        doc: undefined,
        aliases: [],
        symbols: undefined,
        identity: `${owner}#${field[4]}`,
      });
    }
    if (code.endsWith('}') || code === '};') if (!opened || code.includes('}')) stack.pop();
  }
  return out;
}
