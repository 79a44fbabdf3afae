import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SlackServer } from '../server-types.js';

/** Tells open pages that something changed; they fetch what they show anew. */
export interface Live {
  follow(request: IncomingMessage, response: ServerResponse): true;
  close(): void;
}

/** Changes within this time are told once. */
const GATHER_MS = 60;
/** How often is told what no change of the workspace tells: calls that only read, and whether the app is there. */
const LOOK_MS = 2000;

export function createLive(server: SlackServer): Live {
  const pages = new Map<ServerResponse, string>();
  const due = new Map<ServerResponse, NodeJS.Timeout>();
  let told = '';
  const tell = (response: ServerResponse): void => {
    if (due.has(response)) return;
    const timer = setTimeout(() => {
      due.delete(response);
      response.write('data: changed\n\n');
    }, GATHER_MS);
    due.set(response, timer);
  };
  const forget = (response: ServerResponse): void => {
    clearTimeout(due.get(response));
    due.delete(response);
    pages.delete(response);
  };
  const stop = server.workspace.onChange(({ user }) => {
    for (const [response, me] of pages) if (user === undefined || user === me) tell(response);
  });
  const ticking = setInterval(() => {
    const state = `${server.record.length} ${server.sockets()} ${server.workspace.app.requestUrl}`;
    if (state === told) return;
    told = state;
    for (const response of pages.keys()) tell(response);
  }, LOOK_MS);
  ticking.unref();
  return {
    follow(request, response) {
      const user = new URL(request.url ?? '/', 'http://local').searchParams.get('user') ?? '';
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write('retry: 1000\n\ndata: changed\n\n');
      pages.set(response, user);
      response.on('close', () => forget(response));
      return true;
    },
    close() {
      stop();
      clearInterval(ticking);
      for (const response of [...pages.keys()]) {
        forget(response);
        response.end();
      }
    },
  };
}
