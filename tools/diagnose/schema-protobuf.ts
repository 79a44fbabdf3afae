import protobuf from 'protobufjs';
import { DEEPEST, MOST_FIELDS, type SchemaField, traitsOf, whole } from './schema-field.js';

/** The fields of the first message of a file, those of its messages below them, then the messages that no field leads to by their name. */
export function protobufFields(schema: string): SchemaField[] {
  const { root } = protobuf.parse(schema, new protobuf.Root(), { keepCase: true });
  const messages = messagesOf(root);
  if (messages.length === 0 && root.nestedArray.length === 0) throw new TypeError('a Protobuf file without anything');
  const reached = new Set<protobuf.Type>();
  const out: SchemaField[] = [];
  messages.forEach((message, index) => {
    if (reached.has(message)) return;
    walk(message, index === 0 ? '' : `${nameIn(message)}.`, [], reached, out);
  });
  return out;
}

/** Outermost first. */
function messagesOf(space: protobuf.NamespaceBase): protobuf.Type[] {
  return space.nestedArray.flatMap((item) =>
    item instanceof protobuf.Type
      ? [item, ...messagesOf(item)]
      : item instanceof protobuf.Namespace
        ? messagesOf(item)
        : [],
  );
}

/** Its name with those of the messages around it, without the package. */
function nameIn(message: protobuf.Type): string {
  return message.parent instanceof protobuf.Type ? `${nameIn(message.parent)}.${message.name}` : message.name;
}

function walk(
  message: protobuf.Type,
  prefix: string,
  around: readonly protobuf.Type[],
  reached: Set<protobuf.Type>,
  out: SchemaField[],
): void {
  reached.add(message);
  out.push(whole(prefix.slice(0, -1), traitsOf({ message: nameIn(message), reserved: reservedOf(message) })));
  message.fieldsArray.forEach((field, position) => {
    if (out.length >= MOST_FIELDS) return;
    const path = `${prefix}${field.name}`;
    const type = field.parent?.lookup(field.type) ?? undefined;
    out.push({
      path,
      type: typeOf(field),
      position,
      default: field.options?.['default'] === undefined ? undefined : JSON.stringify(field.options['default']),
      doc: undefined,
      aliases: [],
      symbols: type instanceof protobuf.Enum ? Object.keys(type.values) : undefined,
      identity: `${prefix}#${field.id}`,
      traits: traitsOf({
        number: String(field.id),
        oneof: isOptional(field) ? undefined : field.partOf?.name,
        deprecated: field.options?.['deprecated'] === true ? 'true' : undefined,
        json_name: field.options?.['json_name'] as string | undefined,
      }),
    });
    if (!(type instanceof protobuf.Type) || type === message || around.includes(type) || around.length >= DEEPEST)
      return;
    const many = field.repeated || field instanceof protobuf.MapField;
    walk(type, `${path}${many ? '[]' : ''}.`, [...around, message], reached, out);
  });
}

const isOptional = (field: protobuf.Field): boolean => field.options?.['proto3_optional'] === true;

function typeOf(field: protobuf.Field): string {
  if (field instanceof protobuf.MapField) return `map<${field.keyType},${field.type}>`;
  if (field.repeated) return `array<${field.type}>`;
  return isOptional(field) || (field.optional && field.rule === 'optional') ? `${field.type}?` : field.type;
}

function reservedOf(message: protobuf.Type): string {
  return (message.reserved ?? [])
    .map((item) => (typeof item === 'string' ? item : item[0] === item[1] ? String(item[0]) : item.join('-')))
    .join(',');
}
