import { avroFields } from './schema-avro.js';
import type { SchemaField } from './schema-field.js';
import { jsonFields } from './schema-json.js';
import { protobufFields } from './schema-protobuf.js';

/** Why a schema was not compared. */
export type Unreadable = 'too_large' | 'not_parsed';

/** Above this a schema is not taken apart: a thousand columns are a tenth of it. Characters. */
const LARGEST = 2_000_000;

/** The fields of an Avro, JSON or Protobuf schema, or why they can not be told. */
export function fieldsOf(type: string, schema: string): SchemaField[] | Unreadable {
  if (schema.length > LARGEST) return 'too_large';
  try {
    const language = type.toUpperCase();
    if (language.startsWith('PROTO')) return protobufFields(schema);
    const root: unknown = JSON.parse(schema);
    return language === 'JSON' ? jsonFields(root) : avroFields(root);
  } catch (thrown) {
    // Text of others: it may be no schema at all, nested deeper than a parser goes, or lead in circles.
    return thrown instanceof RangeError ? 'too_large' : 'not_parsed';
  }
}
