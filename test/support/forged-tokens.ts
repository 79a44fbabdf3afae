import { createHmac, createPublicKey, type JsonWebKey } from 'node:crypto';
import { generateKeyPair, SignJWT } from 'jose';

/** Bad tokens made of a good one, as somebody would try them who has seen one. */

type Part = Record<string, unknown>;

function partsOf(token: string): { head: Part; claims: Part; signature: string } {
  const [head = '', claims = '', signature = ''] = token.split('.');
  const read = (part: string): Part => JSON.parse(Buffer.from(part, 'base64url').toString()) as Part;
  return { head: read(head), claims: read(claims), signature };
}

function written(part: Part): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

/** The same claims, and a header that says that they need no signature. */
export function unsigned(token: string): string {
  return `${written({ alg: 'none', typ: 'JWT' })}.${written(partsOf(token).claims)}.`;
}

/** All is right but the end, which is a day later than what was signed. */
export function prolonged(token: string): string {
  const { head, claims, signature } = partsOf(token);
  return `${written(head)}.${written({ ...claims, exp: Number(claims['exp']) + 86_400 })}.${signature}`;
}

/** Well signed by a key that nobody published. */
export async function bySomeKey(token: string): Promise<string> {
  const { head, claims } = partsOf(token);
  const { privateKey } = await generateKeyPair('RS256');
  return new SignJWT(claims).setProtectedHeader({ ...head, alg: 'RS256', kid: 'of-nobody' }).sign(privateKey);
}

/** The known trick on libraries that let the token choose how it is checked: the published key taken for a shared secret. */
export async function byPublicKey(token: string, openIdMetadata: string): Promise<string> {
  const { head, claims } = partsOf(token);
  const { jwks_uri } = (await (await fetch(openIdMetadata)).json()) as { jwks_uri: string };
  const { keys } = (await (await fetch(jwks_uri)).json()) as { keys: JsonWebKey[] };
  const key = createPublicKey({ key: keys[0] as JsonWebKey, format: 'jwk' });
  const secret = key.export({ type: 'spki', format: 'pem' });
  const signed = `${written({ ...head, alg: 'HS256' })}.${written(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
