import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { proposalDigest } from '../../src/domain/proposal.js';
import { type House, type HouseOptions, openHouse } from '../../test/e2e/house.js';
import { INCIDENT, opened, sampleProposal, started, untilProposal } from '../../test/e2e/sample-story.js';

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Plain HTTP: a browser's fetch would not send these headers. */
function send(
  house: House,
  path: string,
  options: { method?: string; headers?: Record<string, string>; form?: Record<string, string>; json?: unknown } = {},
): Promise<Answer> {
  const { form, json } = options;
  const body = form === undefined ? JSON.stringify(json) : new URLSearchParams(form).toString();
  const type = form === undefined ? 'application/json' : 'application/x-www-form-urlencoded';
  const sent = form !== undefined || json !== undefined;
  return new Promise((done, fail) => {
    const outgoing = httpRequest(
      `${house.url}${path}`,
      {
        method: options.method ?? (sent ? 'POST' : 'GET'),
        headers: { ...(sent ? { 'content-type': type } : {}), ...options.headers },
      },
      (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => done({ status: response.statusCode ?? 0, headers: response.headers, text }));
      },
    );
    outgoing.on('error', fail);
    outgoing.end(sent ? body : undefined);
  });
}

function cookieOf(answer: Answer): string {
  return (answer.headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0]).join('; ');
}

function hidden(answer: Answer, name: string): string {
  return new RegExp(`name="${name}" value="([^"]*)"`).exec(answer.text)?.[1] ?? '';
}

const TOKENS = { 'token-of-ana-0123456789': 'ana@example.com', 'token-of-ben-0123456789': 'ben@example.com' };
const DIGEST = proposalDigest(sampleProposal());
const CHECK = 'Compared both versions of the schema by hand';

describe('the web page over HTTP', () => {
  const houses: House[] = [];
  afterEach(async () => {
    for (const house of houses.splice(0)) await house.close();
  });
  const waiting = async (options: HouseOptions = {}): Promise<House> => {
    const house = await openHouse(options);
    houses.push(house);
    await house.tell(untilProposal());
    return house;
  };
  const namedAs = async (house: House, person: string): Promise<{ cookie: string; csrf: string }> => {
    const who = await send(house, '/who');
    const form = { csrf: hidden(who, 'csrf'), person, next: '/' };
    const cookie = cookieOf(await send(house, '/who', { form, headers: { cookie: cookieOf(who) } }));
    return { cookie, csrf: hidden(await send(house, `/incidents/${INCIDENT}`, { headers: { cookie } }), 'csrf') };
  };
  const click = (csrf: string, more: Record<string, string> = {}): Record<string, string> => ({
    csrf,
    gesture: 'g1',
    digest: DIGEST,
    verdict: 'approve',
    words: CHECK,
    ...more,
  });
  const decisions = `/incidents/${INCIDENT}/decisions`;

  it('sends every answer with a policy that allows no inline script, and keeps it out of caches', async () => {
    const house = await waiting();
    for (const path of ['/', `/incidents/${INCIDENT}`, '/log', '/who', '/nothing-here', '/api/log']) {
      const { headers, text } = await send(house, path);
      expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['cache-control']).toBe('no-store');
      expect(text).not.toMatch(/<script(?![^>]*\ssrc=)|\son\w+=|javascript:|\sstyle=/i);
      expect(text).not.toMatch(/(src|href|action)="(https?:)?\/\//);
    }
  });

  it('answers to names it knows and to nobody through a proxy', async () => {
    const house = await waiting();
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await send(house, '/api/incidents', { headers })).status;
    expect(await status({ host: 'localhost:4580' })).toBe(200);
    expect(await status({ host: 'rebound.example' })).toBe(403);
    expect(await status({ host: '127.0.0.1.rebound.example' })).toBe(403);
    expect(await status({ host: '127.0.0.1', 'x-forwarded-for': '203.0.113.9' })).toBe(403);
  });

  it('counts a click once, and tells a second delivery of it the same', async () => {
    const house = await waiting();
    const { cookie, csrf } = await namedAs(house, 'ana@example.com');
    const headers = { cookie, 'hx-request': 'true' };
    const first = await send(house, decisions, { form: click(csrf), headers });
    const second = await send(house, decisions, { form: click(csrf), headers });
    expect(first.text).toContain('ana@example.com approved this on');
    expect(second.text).toBe(first.text);
    expect(house.log.jobs.length).toBe(1);
    const late = await send(house, decisions, { form: click(csrf, { gesture: 'g2' }), headers });
    expect(late.text).toContain('Too late: ana@example.com approved this');
  });

  const FORGERIES: { name: string; form?: Record<string, string>; headers?: Record<string, string> }[] = [
    { name: 'without the token of the session', form: { csrf: 'guessed' } },
    { name: 'with the token of another session', form: { csrf: 'OTHER' } },
    { name: 'from another page', headers: { origin: 'https://evil.example' } },
    { name: 'from a page without a name', headers: { origin: 'null' } },
    { name: 'from another page of the same machine', headers: { origin: 'http://127.0.0.1:1' } },
    { name: 'from another site', headers: { 'sec-fetch-site': 'cross-site' } },
  ];
  it.each(FORGERIES)('refuses a form $name', async ({ form = {}, headers = {} }) => {
    const house = await waiting();
    const { cookie, csrf } = await namedAs(house, 'ana@example.com');
    const other = await namedAs(house, 'ben@example.com');
    const forged = form['csrf'] === 'OTHER' ? { csrf: other.csrf } : form;
    const answer = await send(house, decisions, { form: click(csrf, forged), headers: { cookie, ...headers } });
    expect(answer.status).toBe(403);
    expect(house.log.jobs).toEqual([]);
  });

  it('takes no name that is not on the list, and no cookie it did not sign', async () => {
    const house = await waiting();
    const who = await send(house, '/who');
    const form = { csrf: hidden(who, 'csrf'), person: 'root@example.com', next: '/' };
    expect((await send(house, '/who', { form, headers: { cookie: cookieOf(who) } })).status).toBe(400);
    const { cookie } = await namedAs(house, 'ana@example.com');
    const [name, payload = ''] = cookie.split(/=(.*)/s);
    const forged = Buffer.from(
      Buffer.from(payload.split('.')[0] ?? '', 'base64url')
        .toString()
        .replace('ana@', 'ben@'),
    ).toString('base64url');
    const page = await send(house, '/', { headers: { cookie: `${name}=${forged}.${payload.split('.')[1]}` } });
    expect(page.text).not.toContain('ben@example.com');
    expect(page.text).not.toContain('ana@example.com');
  });

  it('gives each session its own form token and cookies that scripts and other sites can not use', async () => {
    const house = await waiting();
    const who = await send(house, '/who');
    const [cookie] = who.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Strict/);
    expect(hidden(who, 'csrf')).not.toBe(hidden(await send(house, '/who'), 'csrf'));
    const page = await send(house, `/incidents/${INCIDENT}`);
    expect(page.text).not.toMatch(/slot-[0-9a-f]{32}/);
  });

  it('sends a visitor from another site to itself once more, as the cookie stays behind', async () => {
    const house = await waiting();
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    const first = await send(house, `/incidents/${INCIDENT}?a="><b>`.replace('"><b>', '%22%3E%3Cb%3E'), { headers });
    expect(first.text).toContain('<meta http-equiv="refresh" content="0;url=/incidents/');
    expect(first.headers['set-cookie']).toBeUndefined();
  });

  it('says 404 for what is not there, as a page and as a problem', async () => {
    const house = await waiting();
    expect((await send(house, '/incidents/INC-0000000')).status).toBe(404);
    expect((await send(house, `/observations/${'0'.repeat(64)}`)).status).toBe(404);
    expect((await send(house, '/observations/../../etc/passwd')).status).toBe(404);
    const api = await send(house, '/api/incidents/INC-0000000');
    expect(api.status).toBe(404);
    expect(api.headers['content-type']).toContain('application/problem+json');
    expect(JSON.parse(api.text)).toMatchObject({ status: 404, title: 'Not found' });
  });

  it('escapes what comes from outside, also in what is streamed', async () => {
    const house = await openHouse();
    houses.push(house);
    const alert = opened();
    if (alert.type !== 'incident.opened') throw new Error('not the opening');
    alert.data.title = '<script>alert(1)</script>" onload="x\ndata: forged\n\nevent: patch';
    await house.tell([alert]);
    const page = await send(house, `/incidents/${INCIDENT}`);
    expect(page.text).not.toContain('<script>alert');
    const stream = await fetch(`${house.url}/incidents/${INCIDENT}/events`);
    const reader = stream.body?.getReader();
    await house.tell([started()]);
    let text = '';
    while (!text.includes('of at most 12')) text += new TextDecoder().decode((await reader?.read())?.value);
    await reader?.cancel();
    expect(text).not.toContain('<script>alert');
    const lines = text.split('\n').filter((line) => line !== '');
    expect(lines.every((line) => /^(retry|id|event|data): |^:/.test(line))).toBe(true);
    expect(lines.filter((line) => line.startsWith('event: ')).length).toBe(
      lines.filter((line) => line.startsWith('id: ')).length,
    );
  });
});

describe('the API', () => {
  const houses: House[] = [];
  afterEach(async () => {
    for (const house of houses.splice(0)) await house.close();
  });
  const waiting = async (options: HouseOptions = {}): Promise<House> => {
    const house = await openHouse(options);
    houses.push(house);
    await house.tell(untilProposal());
    return house;
  };
  const path = `/api/incidents/${INCIDENT}/decisions`;
  const decision = { digest: DIGEST, verdict: 'approve', as: 'ana@example.com', words: CHECK, clickId: 'click-0001' };

  it('lists, shows, decides and tells the state of the log', async () => {
    const house = await waiting();
    const list = JSON.parse((await send(house, '/api/incidents?status=awaiting_decision')).text);
    expect(list.incidents).toMatchObject([{ incident: INCIDENT, status: 'awaiting_decision' }]);
    expect(JSON.parse((await send(house, `/api/incidents/${INCIDENT}`)).text).cards.length).toBe(2);
    const short = await send(house, path, { json: { ...decision, words: 'ok' } });
    expect([short.status, JSON.parse(short.text).outcome]).toEqual([422, 'invalid']);
    const stale = await send(house, path, { json: { ...decision, digest: 'f'.repeat(64) } });
    expect([stale.status, JSON.parse(stale.text).outcome]).toEqual([409, 'stale']);
    const stranger = await send(house, path, { json: { ...decision, as: 'eve@example.com' } });
    expect([stranger.status, JSON.parse(stranger.text).outcome]).toEqual([403, 'not_allowed']);
    const good = await send(house, path, { json: { ...decision, clickId: 'click-0002' } });
    expect([good.status, JSON.parse(good.text).outcome]).toEqual([200, 'decided']);
    expect(JSON.parse((await send(house, '/api/log')).text).entries).toBeGreaterThan(12);
  });

  it('names the field at fault, and takes nothing from another page', async () => {
    const house = await waiting();
    const bad = await send(house, path, { json: { ...decision, verdict: 'maybe' } });
    expect([bad.status, JSON.parse(bad.text).field]).toEqual([400, 'verdict']);
    const { as: _, ...nobody } = decision;
    expect(JSON.parse((await send(house, path, { json: nobody })).text).field).toBe('as');
    const form = { ...decision } as Record<string, string>;
    expect((await send(house, path, { form })).status).toBe(400);
    const headers = { origin: 'https://evil.example' };
    expect((await send(house, path, { json: decision, headers })).status).toBe(403);
    const large = await send(house, path, { json: { ...decision, words: 'x'.repeat(100_000) } });
    expect(large.status).toBe(413);
    expect(house.log.jobs).toEqual([]);
  });

  it('takes a named token where people sign in, and its name only', async () => {
    const house = await waiting({ tokens: TOKENS });
    expect((await send(house, '/api/incidents')).status).toBe(401);
    const headers = { authorization: 'Bearer token-of-ana-0123456789' };
    expect((await send(house, '/api/incidents', { headers })).status).toBe(200);
    const other = await send(house, path, { json: { ...decision, as: 'ben@example.com' }, headers });
    expect(other.status).toBe(403);
    expect((await send(house, path, { json: decision, headers })).status).toBe(200);
  });
});

describe('signing in', () => {
  const houses: House[] = [];
  afterEach(async () => {
    for (const house of houses.splice(0)) await house.close();
  });
  const signedHouse = async (): Promise<House> => {
    const house = await openHouse({ tokens: TOKENS });
    houses.push(house);
    await house.tell(untilProposal());
    return house;
  };
  const signIn = async (house: House, token: string, next = '/log'): Promise<Answer> => {
    const page = await send(house, '/sign-in');
    return send(house, '/sign-in', {
      form: { csrf: hidden(page, 'csrf'), token, next },
      headers: { cookie: cookieOf(page) },
    });
  };

  it('shows nothing before, everything after, and nothing again when signed out', async () => {
    const house = await signedHouse();
    for (const path of ['/', `/incidents/${INCIDENT}`, '/log', `/incidents/${INCIDENT}/events`]) {
      const answer = await send(house, path);
      expect([answer.status, answer.headers.location]).toEqual([303, `/sign-in?next=${encodeURIComponent(path)}`]);
    }
    const signed = await signIn(house, 'token-of-ana-0123456789');
    expect([signed.status, signed.headers.location]).toEqual([303, '/log']);
    const cookie = cookieOf(signed);
    const page = await send(house, '/', { headers: { cookie } });
    expect(page.text).toContain('ana@example.com');
    const out = await send(house, '/sign-out', { form: { csrf: hidden(page, 'csrf') }, headers: { cookie } });
    expect(out.headers['set-cookie']?.[0]).toMatch(/countersign=;.*Expires=Thu, 01 Jan 1970/);
  });

  it('leads nowhere but to its own pages', async () => {
    const house = await signedHouse();
    for (const next of ['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:x']) {
      expect((await signIn(house, 'token-of-ana-0123456789', next)).headers.location).toBe('/');
    }
  });

  it('lets nobody guess for long', async () => {
    const house = await signedHouse();
    for (let tries = 0; tries < 8; tries++) expect((await signIn(house, `wrong-${tries}`)).status).toBe(401);
    const locked = await signIn(house, 'token-of-ana-0123456789');
    expect(locked.status).toBe(429);
    expect(locked.text).toContain('Too many wrong tries');
    const bearer = { authorization: 'Bearer token-of-ana-0123456789' };
    expect((await send(house, '/api/incidents', { headers: bearer })).status).toBe(429);
    house.clock.at = new Date(Date.parse(house.clock.at) + 6 * 60_000).toISOString();
    expect((await signIn(house, 'token-of-ana-0123456789')).status).toBe(303);
  });
});
