import { createServer, type Server } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import express from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import type { Snapshot } from './fragments.js';
import { createLive, type Live } from './live.js';

function page(text: string): Snapshot {
  return { title: 't', leaves: [{ id: 'a', html: `<p id="a">${text}</p>` }], lists: [] };
}

interface Reader {
  /** Everything received so far, once it holds the text. */
  until(text: string): Promise<string>;
  received(): string;
  stop(): Promise<void>;
}

async function read(url: string, headers: Record<string, string> = {}): Promise<Reader> {
  const response = await fetch(url, { headers });
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let received = '';
  const pump = (async () => {
    for (;;) {
      const chunk = await reader?.read();
      if (chunk === undefined || chunk.done) return;
      received += decoder.decode(chunk.value, { stream: true });
    }
  })().catch(() => undefined);
  return {
    async until(text) {
      for (let tries = 0; tries < 200 && !received.includes(text); tries++) await wait(5);
      return received;
    },
    received: () => received,
    async stop() {
      await reader?.cancel();
      await pump;
    },
  };
}

describe('live pages', () => {
  let server: Server;
  let live: Live;
  let current = page('start');

  const start = async (): Promise<string> => {
    live = createLive();
    current = page('start');
    const app = express().get('/', (request, response) =>
      live.stream({
        topic: 'thread:x',
        from: typeof request.query['from'] === 'string' ? request.query['from'] : undefined,
        request,
        response,
        load: async () => current,
        fill: (html) => html,
      }),
    );
    server = createServer(app);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
  };
  const change = (text: string): void => {
    current = page(text);
    const now = current;
    live.changed('thread:x', () => now);
  };
  afterEach(async () => {
    live.close();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  it('sends a change at once, and many within a moment as one', async () => {
    const url = await start();
    const reader = await read(`${url}?from=${live.remember('thread:x', current)}`);
    await wait(60);
    const began = performance.now();
    change('one');
    const first = await reader.until('>one<');
    expect(performance.now() - began).toBeLessThan(150);
    expect(first).not.toContain('>start<');
    for (let count = 0; count < 50; count++) change(`burst ${count}`);
    const text = await reader.until('burst 49');
    expect(text.split('event: patch').length - 1).toBeLessThanOrEqual(3);
    await reader.stop();
  });

  it('gives a page that was loaded before what happened before it connected', async () => {
    const url = await start();
    const revision = live.remember('thread:x', current);
    current = page('in between');
    const reader = await read(`${url}?from=${revision}`);
    expect(await reader.until('in between')).toContain('<p id="a" hx-swap-oob="true">in between</p>');
    await reader.stop();
  });

  it('goes on from the last event that a browser saw', async () => {
    const url = await start();
    const reader = await read(`${url}?from=${live.remember('thread:x', current)}`);
    await wait(20);
    change('seen');
    const text = await reader.until('>seen<');
    const id = /^id: (\S+)$/m.exec(text)?.[1] ?? '';
    await reader.stop();
    const again = await read(`${url}?from=old`, { 'last-event-id': id });
    await wait(60);
    expect(again.received()).not.toContain('event: patch');
    change('missed');
    expect(await again.until('>missed<')).not.toContain('<title>');
    await again.stop();
  });

  it('sends everything to a page it does not know, and nothing to one that is up to date after a restart', async () => {
    const url = await start();
    const stranger = await read(`${url}?from=unknown`);
    expect(await stranger.until('>start<')).toContain('<title>t</title>');
    const id = /^id: (\S+)$/m.exec(stranger.received())?.[1] ?? '';
    await stranger.stop();
    live.close();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    const restarted = await start();
    const same = await read(`${restarted}?from=${id}`);
    await wait(60);
    expect(same.received()).not.toContain('event: patch');
    await same.stop();
  });

  it('costs nothing while nobody watches', async () => {
    await start();
    let rendered = 0;
    live.changed('thread:x', () => {
      rendered += 1;
      return current;
    });
    await wait(60);
    expect(rendered).toBe(0);
  });
});
