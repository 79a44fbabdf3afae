import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { asObject, type Json, parseObject } from './core.js';
import type { TeamsServer } from './server-types.js';

type Answering = (activity: Json) => { status?: number; body?: unknown; afterMs?: number } | undefined;

/** A bot of nothing but answers, for tests of the simulated Teams itself; it checks who calls as bots must. */
export interface ScriptedBot {
  heard: Json[];
  /** What is wrong with the tokens that came. */
  refused: string[];
  answer: Answering;
  close(): Promise<void>;
}

export async function startScriptedBot(teams: TeamsServer): Promise<ScriptedBot> {
  const metadata = (await (await fetch(teams.openIdMetadata)).json()) as { jwks_uri: string; issuer: string };
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
  const bot: ScriptedBot = { heard: [], refused: [], answer: () => undefined, close };
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const activity = parseObject(Buffer.concat(chunks).toString('utf8')) ?? {};
      const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
      try {
        const { payload } = await jwtVerify(token, keys, { issuer: metadata.issuer, audience: teams.tenant.bot.appId });
        if (payload['serviceurl'] !== activity['serviceUrl']) throw new Error('another serviceUrl');
      } catch (error) {
        bot.refused.push(String((error as Error).message));
        response.writeHead(401).end();
        return;
      }
      bot.heard.push(activity);
      const { status = 200, body, afterMs = 0 } = bot.answer(asObject(activity) ?? {}) ?? {};
      if (afterMs > 0) await teams.clock.sleep(afterMs);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    })();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  teams.setMessagingEndpoint(`http://127.0.0.1:${(server.address() as AddressInfo).port}/teams/messages`);
  return bot;

  async function close(): Promise<void> {
    server.closeAllConnections();
    await new Promise<void>((done) => server.close(() => done()));
  }
}
