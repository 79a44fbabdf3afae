import type { SchemaRegistryReader, SchemaRegistryWriter } from '../../../src/domain/platform-ports.js';
import type { Expectation } from '../contract.js';

export interface NewSchema {
  schema: string;
  schemaType?: 'JSON' | 'PROTOBUF';
  references?: { name: string; subject: string; version: number }[];
}

/** A registry with the global level BACKWARD, and in it no subject whose name this run uses. */
export interface RegistryGiven {
  reader: SchemaRegistryReader;
  writer: SchemaRegistryWriter;
  /** The reader's and the writer's side with a wrong password. */
  strangers: { reader: SchemaRegistryReader; writer: SchemaRegistryWriter };
  /** The writer's side with the reader's login. */
  readerWrites: SchemaRegistryWriter;
  /** A subject of this run. */
  name(plain: string): string;
  /** What the registry's owner does, beside the port. */
  owner: {
    /** @returns the schema's id. */
    register(subject: string, schema: NewSchema): Promise<number>;
    setLevel(subject: string, level: string): Promise<void>;
    remove(subject: string, version?: number): Promise<void>;
  };
  /** Status of one request below the API's path with the reader's or the repairer's login. */
  request(login: 'reader' | 'repairer', method: string, path: string, body?: unknown): Promise<number>;
}
export type RegistryExpectation = Expectation<RegistryGiven>;

export const avro = (fields: unknown[]): NewSchema => ({
  schema: JSON.stringify({ type: 'record', name: 'Order', namespace: 'shop', fields }),
});
export const ID = { name: 'id', type: 'string' };
export const TOTAL = { name: 'total', type: 'double' };
export const NOTE = { name: 'note', type: ['null', 'string'], default: null };

/** Registers the schemas, oldest first, under a subject of this run. */
export async function holds(given: RegistryGiven, plain: string, ...schemas: NewSchema[]): Promise<string> {
  const subject = given.name(plain);
  for (const schema of schemas) await given.owner.register(subject, schema);
  return subject;
}
