import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { SlackServer } from './server-types.js';

export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

/** A bare HTTP app that sees the bytes and ends with the test; it answers the URL's proof by itself. */
export async function startBareApp(
  slack: SlackServer,
  answer: (received: Received, count: number, response: ServerResponse) => void,
): Promise<Received[]> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const one = { headers: request.headers, body: Buffer.concat(chunks).toString('utf8') };
    const challenge = /"challenge":"([^"]+)"/.exec(one.body)?.[1];
    if (challenge !== undefined) {
      response.end(challenge);
      return;
    }
    received.push(one);
    answer(one, received.length, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await slack.setRequestUrl(`http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`);
  return received;
}
