import { type WebSocket, WebSocketServer } from 'ws';
import type { SlackClock } from './clock.js';
import { freshId } from './core.js';
import { jsonObject } from './json-object.js';
import type { Delivered, Outgoing, SocketHub } from './parts.js';
import type { SlackApp } from './types.js';

const MAX_CONNECTIONS = 10;
/** Of the wall: the client's own heartbeat knows no other time. */
const PING_MS = 5000;
const LOST: Delivered = { outcome: 'connection_failed', noRetry: false, body: '' };

/** A delivery whose acknowledgement is to come over this socket. */
interface Waiting {
  socket: WebSocket;
  finish(delivered: Delivered): void;
}

export function createSocketHub(app: SlackApp, clock: SlackClock, reactionMs: number): SocketHub {
  const server = new WebSocketServer({ noServer: true });
  const tickets = new Set<string>();
  const open: WebSocket[] = [];
  const waiting = new Map<string, Waiting>();
  let turn = 0;

  const answer = (text: string): void => {
    const ack = jsonObject(text);
    const envelope = typeof ack?.['envelope_id'] === 'string' ? ack['envelope_id'] : '';
    waiting.get(envelope)?.finish({
      outcome: 'ok',
      status: 200,
      noRetry: false,
      body: isEmpty(ack?.['payload']) ? '' : JSON.stringify(ack?.['payload']),
    });
  };

  const welcome = (socket: WebSocket): void => {
    open.push(socket);
    const ping = setInterval(() => socket.ping(), PING_MS);
    socket.on('message', (data) => answer(String(data)));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(ping);
      const at = open.indexOf(socket);
      if (at >= 0) open.splice(at, 1);
      for (const one of [...waiting.values()]) if (one.socket === socket) one.finish(LOST);
    });
    socket.send(
      JSON.stringify({
        type: 'hello',
        num_connections: open.length,
        debug_info: { host: 'applink-local', approximate_connection_time: 18_060 },
        connection_info: { app_id: app.id },
      }),
    );
  };

  const deliver = (outgoing: Outgoing): Promise<Delivered> =>
    new Promise((resolve) => {
      const socket = open[turn++ % Math.max(1, open.length)];
      if (socket === undefined) {
        resolve(LOST);
        return;
      }
      const id = crypto.randomUUID();
      const finish = (delivered: Delivered): void => {
        waiting.delete(id);
        cancel();
        resolve(delivered);
      };
      const cancel = clock.after(reactionMs, () => finish({ outcome: 'http_timeout', noRetry: false, body: '' }));
      waiting.set(id, { socket, finish });
      socket.send(JSON.stringify(envelopeOf(id, outgoing)));
    });

  return {
    ticket() {
      if (open.length + tickets.size >= MAX_CONNECTIONS) return undefined;
      const ticket = freshId('TK', 16);
      tickets.add(ticket);
      clock.after(30_000, () => tickets.delete(ticket));
      return ticket;
    },
    upgrade(request, socket, head) {
      const ticket = new URL(request.url ?? '/', 'http://localhost').searchParams.get('ticket') ?? '';
      if (!tickets.delete(ticket)) {
        socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, welcome);
    },
    deliver,
    count: () => open.length,
    disconnect(how) {
      for (const socket of [...open]) {
        if (how === 'cut') socket.terminate();
        else socket.send(JSON.stringify({ type: 'disconnect', reason: how, debug_info: { host: 'applink-local' } }));
      }
      if (how === 'refresh_requested') open.length = 0;
    },
    close() {
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  };
}

function envelopeOf(id: string, outgoing: Outgoing): Record<string, unknown> {
  const envelope = { envelope_id: id, payload: outgoing.payload };
  if (outgoing.kind === 'event') {
    return {
      ...envelope,
      type: 'events_api',
      accepts_response_payload: false,
      retry_attempt: outgoing.retryNum ?? 0,
      retry_reason: outgoing.retryReason ?? '',
    };
  }
  return {
    ...envelope,
    type: outgoing.kind === 'command' ? 'slash_commands' : 'interactive',
    accepts_response_payload: outgoing.kind === 'command' || outgoing.kind === 'view_submission',
  };
}

function isEmpty(payload: unknown): boolean {
  return payload === undefined || payload === null || Object.keys(payload).length === 0;
}
