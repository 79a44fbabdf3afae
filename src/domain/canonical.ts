import { createHash, randomBytes } from 'node:crypto';

/**
 * The one serialisation that is hashed or signed: JSON with object keys sorted by code unit, no white space,
 * `undefined` members dropped (the subset of RFC 8785 that our values need: no exotic numbers, no lone surrogates).
 * @throws TypeError on a number that is not finite, a bigint, a function or a symbol.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('canonicalJson: a number must be finite');
    return JSON.stringify(value);
  }
  if (Array.isArray(value))
    return `[${value.map((item) => canonicalJson(item === undefined ? null : item)).join(',')}]`;
  if (typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  throw new TypeError(`canonicalJson: cannot serialise a ${typeof value}`);
}

/** SHA-256 as lower-case hex. */
export function sha256Hex(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The digest a person sees and a decision binds to: SHA-256 of the canonical JSON, as hex. */
export function digestOf(value: unknown): string {
  return sha256Hex(canonicalJson(value));
}

/** A UUID version 7 (RFC 9562): 48 bits of Unix milliseconds, then random bits; sorts by time of making. */
export function uuidv7(now: number = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A short name people can read out on the phone: prefix and seven Crockford base-32 letters (35 random bits). */
export function shortId(prefix: string): string {
  const letters = [...randomBytes(7)].map((byte) => CROCKFORD[byte % 32]);
  return `${prefix}-${letters.join('')}`;
}
