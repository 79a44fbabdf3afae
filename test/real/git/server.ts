import { spawn } from 'node:child_process';
import { timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';

/**
 * The web server in front of `git http-backend`, as nginx with fcgiwrap would be: logins and rights are its own, everything about
 * git is git's. Started with the folder of its state and a port.
 */
interface Logins {
  [user: string]: { password: string; pushes: boolean };
}

const [state = '', port = ''] = process.argv.slice(2);

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname === '/health') {
    response.end('ok\n');
    return;
  }
  const caller = callerOf(request);
  if (caller === undefined) {
    response.setHeader('WWW-Authenticate', 'Basic realm="git"');
    refuse(response, 401, 'Authentication required');
    return;
  }
  const service = url.searchParams.get('service') ?? url.pathname.split('/').at(-1);
  if (service === 'git-receive-pack' && !caller.pushes) {
    refuse(response, 403, 'This login can not push');
    return;
  }
  const name = /^\/([\w-]+\.git)\//.exec(url.pathname)?.[1];
  if (name === undefined || !existsSync(join(state, 'repos', name))) {
    refuse(response, 404, 'Repository not found');
    return;
  }
  runBackend(url, caller.user, request, response);
});

/** Read at each request: a login that is taken away ends at once. */
function callerOf(request: IncomingMessage): { user: string; pushes: boolean } | undefined {
  const basic = /^Basic (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const [user = '', ...rest] = Buffer.from(basic ?? '', 'base64')
    .toString()
    .split(':');
  const known = (JSON.parse(readFileSync(join(state, 'logins.json'), 'utf8')) as Logins)[user];
  const [given, wanted] = [Buffer.from(rest.join(':')), Buffer.from(known?.password ?? '')];
  if (!known || given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
  return { user, pushes: known.pushes };
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain' }).end(`${text}\n`);
}

function runBackend(url: URL, user: string, request: IncomingMessage, response: ServerResponse): void {
  const header = (name: string): string => String(request.headers[name] ?? '');
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_PROJECT_ROOT: join(state, 'repos'),
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: header('content-type'),
      HTTP_CONTENT_ENCODING: header('content-encoding'),
      GIT_PROTOCOL: header('git-protocol'),
      REMOTE_USER: user,
      REMOTE_ADDR: '127.0.0.1',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  request.pipe(child.stdin);
  child.stdin.on('error', () => undefined);
  child.on('error', () => refuse(response, 500, 'git could not be started'));
  let head: Buffer | undefined = Buffer.alloc(0);
  child.stdout.on('data', (chunk: Buffer) => {
    if (head === undefined) {
      response.write(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    begin(response, head.subarray(0, end).toString());
    response.write(head.subarray(end + 4));
    head = undefined;
  });
  child.on('close', () => (head === undefined ? response.end() : refuse(response, 500, 'git said nothing')));
}

/** CGI's header lines become the answer's. */
function begin(response: ServerResponse, lines: string): void {
  let status = 200;
  for (const line of lines.split('\r\n')) {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()];
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.writeHead(status);
}

server.listen(Number(port), '127.0.0.1');
