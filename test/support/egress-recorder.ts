import { ChildProcess } from 'node:child_process';
import dgram from 'node:dgram';
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { basename } from 'node:path';

/**
 * Loaded before anything else (`node --import`): writes down whatever this process connects to, looks up, listens on or starts, one JSON
 * line each, into the file that its own address names (`?to=/path`). It changes nothing of what happens.
 */

/** One thing a process did that leaves it. */
export interface Left {
  /** The program: `web.js`, `investigator.js`, … */
  by: string;
  pid: number;
  did: 'connect' | 'lookup' | 'datagram' | 'listen' | 'start';
  /** `host:port`, a socket's path, a host name, or a command line. */
  to: string;
}

const file = new URL(import.meta.url).searchParams.get('to');

function note(did: Left['did'], to: string): void {
  if (file === null) return;
  const left: Left = { by: basename(process.argv[1] ?? 'node'), pid: process.pid, did, to };
  appendFileSync(file, `${JSON.stringify(left)}\n`);
}

/** Replaces a method by one that notes its arguments first. */
function watch<T extends object>(
  owner: T,
  name: keyof T & string,
  see: (args: unknown[], self: unknown) => void,
): void {
  const original = owner[name] as (...args: unknown[]) => unknown;
  const watched = function (this: unknown, ...args: unknown[]): unknown {
    see(args, this);
    return original.apply(this, args);
  };
  Object.defineProperty(owner, name, { value: Object.assign(watched, original), configurable: true, writable: true });
}

/** Sockets are connected by options, by port and host, by path, or by these in a list. */
function destinationOf(args: unknown[]): string {
  const [first, second] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
  if (typeof first === 'object' && first !== null) {
    const { path, host, port } = first as { path?: string; host?: string; port?: number | string };
    return path ?? `${host ?? 'localhost'}:${port}`;
  }
  if (typeof first === 'string' && !/^\d+$/.test(first)) return first;
  return `${typeof second === 'string' ? second : 'localhost'}:${String(first)}`;
}

watch(net.Socket.prototype, 'connect', (args) => note('connect', destinationOf(args)));
watch(net.Server.prototype, 'listen', (_args, self) => {
  const server = self as net.Server;
  server.once('listening', () => {
    const address = server.address();
    note('listen', typeof address === 'object' && address ? `${address.address}:${address.port}` : String(address));
  });
});
for (const name of ['send', 'connect'] as const)
  watch(dgram.Socket.prototype, name, (args) =>
    note('datagram', args.filter((one) => typeof one !== 'object').join(' ')),
  );
const isAddress = (name: unknown): boolean => typeof name === 'string' && net.isIP(name) !== 0;
for (const api of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype] as object[]) {
  for (const name of Object.getOwnPropertyNames(api)) {
    if (!/^(lookup|resolve|reverse)/.test(name)) continue;
    watch(api as Record<string, unknown>, name, ([host]) => {
      if (!isAddress(host)) note('lookup', String(host));
    });
  }
}
// Node's own prototype, which `fork`, `spawn` and `execFile` all end in.
watch(ChildProcess.prototype as unknown as { spawn: unknown }, 'spawn', ([options]) => {
  const { args, file: program } = options as { args?: string[]; file: string };
  note('start', [program, ...(args ?? []).slice(1)].join(' '));
});
syncBuiltinESMExports();
