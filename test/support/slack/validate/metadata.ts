import { isObject, type Refusal } from './fault.js';

/** Not published; what people observe. */
const MAX_BYTES = 16 * 1024;

/** Message metadata: one event name, and a payload of plain values, flat objects and lists of flat objects. */
export function validateMetadata(metadata: unknown, update: boolean): Refusal | undefined {
  if (metadata === undefined) return undefined;
  if (!isObject(metadata)) return malformed('metadata must be an object');
  // An empty object on an edit takes the metadata away.
  if (update && Object.keys(metadata).length === 0) return undefined;
  const unknown = Object.keys(metadata).find((key) => key !== 'event_type' && key !== 'event_payload');
  if (unknown !== undefined) return malformed(`invalid additional property: ${unknown}`);
  if (typeof metadata['event_type'] !== 'string' || !/^[A-Za-z0-9_]{1,255}$/.test(metadata['event_type']))
    return malformed('event_type must be an alphanumeric string');
  const payload = metadata['event_payload'];
  if (!isObject(payload)) return malformed('event_payload must be an object');
  for (const [key, value] of Object.entries(payload)) {
    const fits = isScalar(value) || isFlat(value) || (Array.isArray(value) && value.every(isFlat));
    if (!fits)
      return { error: 'invalid_metadata_schema', messages: [`[ERROR] unsupported value: event_payload.${key}`] };
  }
  if (Buffer.byteLength(JSON.stringify(metadata)) > MAX_BYTES) return { error: 'metadata_too_large', messages: [] };
  return undefined;
}

const malformed = (text: string): Refusal => ({ error: 'invalid_metadata_format', messages: [`[ERROR] ${text}`] });
const isScalar = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);
const isFlat = (value: unknown): boolean => isObject(value) && Object.values(value).every(isScalar);
