import { existsSync, readFileSync } from 'node:fs';
import { Agent, fetch } from 'undici';

export interface AdminAnswer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: objects of a foreign API are looked into freely here
  body: any;
}
export type Admin = (method: string, path: string, body?: unknown, type?: string) => Promise<AdminAnswer>;

/** Requests to the API server as one of its users, with the certificate it made for itself. */
export function kubernetesUser(url: string, ca: string, token: string): Admin {
  const dispatcher = new Agent({ connect: { ca: existsSync(ca) ? readFileSync(ca, 'utf8') : '' } });
  return async (method, path, body, type = 'application/json') => {
    const response = await fetch(url + path, {
      method,
      dispatcher,
      signal: AbortSignal.timeout(20_000),
      headers: { authorization: `Bearer ${token}`, 'content-type': type },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json');
    return { status: response.status, body: json ? JSON.parse(text) : text };
  };
}

/** Creates an object, or leaves the one of this name. @throws Error with the server's words. */
export async function create(admin: Admin, collection: string, object: object): Promise<void> {
  const answer = await admin('POST', collection, object);
  if (answer.status === 201 || answer.status === 409) return;
  throw new Error(`${collection}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 600)}`);
}
