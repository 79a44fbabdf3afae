import { Server as HttpServer } from 'node:http';
import { Server } from 'node:net';

/** Loaded into the Playground's process before its own code, for two things that it has no setting for. */

/**
 * It listens on every interface and lets everybody act as everybody, so that anyone in the same network could approve; with this it is
 * reachable from this machine alone.
 */
const LOOPBACK = '127.0.0.1';
const listen = Server.prototype.listen as (this: Server, ...args: unknown[]) => Server;

Server.prototype.listen = function listenOnLoopback(this: Server, ...args: unknown[]): Server {
  const [where, ...rest] = args;
  const then = rest.filter((one) => typeof one === 'function');
  if (typeof where === 'number' || typeof where === 'string')
    return listen.call(this, { port: Number(where), host: LOOPBACK }, ...then);
  if (typeof where === 'object' && where !== null && !('path' in where))
    return listen.call(this, { ...where, host: LOOPBACK }, ...then);
  return listen.call(this, ...args);
} as typeof Server.prototype.listen;

/** A page shows only what happens while it is open, so whoever starts the Playground is told when one is: by its WebSocket. */
const emit = HttpServer.prototype.emit as (this: HttpServer, event: string | symbol, ...args: unknown[]) => boolean;

HttpServer.prototype.emit = function emitAndTell(
  this: HttpServer,
  event: string | symbol,
  ...args: unknown[]
): boolean {
  if (event === 'upgrade') process.send?.('a page is open');
  return emit.call(this, event, ...args);
} as typeof HttpServer.prototype.emit;
