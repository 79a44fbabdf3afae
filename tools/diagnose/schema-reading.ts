import avsc from 'avsc';
import type { SchemaChange } from './schema-changes.js';

/** Whether data of one schema can be read with another one, by Avro's own rules. */
export interface Reading {
  can: 'yes' | 'no' | 'unknown';
  because: string | undefined;
}

/** Asked of Avro only: the other languages have no rules for it that a library here knows. */
export function avroReading(readerSchema: string, writerSchema: string): Reading {
  let types: avsc.Type[];
  try {
    // Without logical types: their values are read as what they are stored as.
    types = [readerSchema, writerSchema].map((text) => avsc.Type.forSchema(JSON.parse(text) as avsc.Schema));
  } catch {
    return { can: 'unknown', because: 'a schema names a type that it does not hold itself' };
  }
  const [reader, writer] = types;
  if (!reader || !writer) return { can: 'unknown', because: undefined };
  try {
    reader.createResolver(writer);
    return { can: 'yes', because: undefined };
  } catch (thrown) {
    return { can: 'no', because: thrown instanceof Error ? thrown.message : undefined };
  }
}

const STORED_AS: Record<string, string> = {
  int: 'int',
  date: 'int',
  'time-millis': 'int',
  long: 'long',
  'time-micros': 'long',
  'timestamp-millis': 'long',
  'timestamp-micros': 'long',
  'timestamp-nanos': 'long',
  'local-timestamp-millis': 'long',
  'local-timestamp-micros': 'long',
  'local-timestamp-nanos': 'long',
};

/** Changes that no reader notices and that make other values of the same bytes: a decimal of another scale, micros taken for millis. */
export function isMisread({ kind, from, to }: SchemaChange): boolean {
  if (kind !== 'type_changed' || from === undefined || to === undefined) return false;
  const [was, is] = [from.replace('?', ''), to.replace('?', '')];
  if (was === is) return false;
  const scales = [was, is].map((type) => /^decimal\(\d+,(\d+)\)$/.exec(type)?.[1]);
  if (scales[0] !== undefined && scales[1] !== undefined) return scales[0] !== scales[1];
  return STORED_AS[was] !== undefined && STORED_AS[was] === STORED_AS[is];
}
