import { createServer, type Server } from 'node:http';
import express, { type RequestHandler } from 'express';
import { chooseAccess } from '../../adapters/web/access.js';
import { createWebPage, type WebPage } from '../../adapters/web/page.js';
import type { Verdict } from '../../src/domain/decision.js';
import { createProcessLog } from '../../src/log.js';
import { START } from '../e2e/sample-story.js';
import { type ChatCore, createChatCore } from '../support/chat-core.js';
import { createManualClock, createMemoryLog } from '../support/memory-log.js';
import { type ChatGiven, type Gesture, PEOPLE, type Seen, type SeenCard, type Told, type Who } from './chat.js';
import { CHAT_POLICY } from './expectations/chat-given.js';
import { aliveIn, attribute, hidden, textOf } from './html.js';

/** The page over real HTTP, as browsers without scripts use it: pages are loaded, forms are sent. */
export async function openWebChat(): Promise<ChatGiven> {
  const clock = createManualClock(START);
  const log = createMemoryLog(clock);
  let house = await serve(createChatCore({ log, clock, policy: CHAT_POLICY }), 0);
  const visitors = new Map<Who, string>();
  const get = (path: string, cookie: string): Promise<string> => page(house.url, path, cookie);

  const cookieOf = async (who: Who): Promise<string> => {
    const known = visitors.get(who) ?? (await nameOneself(house.url, who));
    visitors.set(who, known);
    return known;
  };
  const caughtUp = async (incident: string): Promise<void> => {
    const deadline = Date.now() + 5000;
    for (;;) {
      const thread = await house.core.backend.thread(incident);
      if (thread?.version === (await log.read(incident)).length) return;
      if (Date.now() > deadline) throw new Error(`the page does not follow ${incident}`);
      await new Promise((done) => setTimeout(done, 5));
    }
  };
  const threadPage = async (incident: string, who: Who = 'intern'): Promise<string> => {
    await caughtUp(incident);
    return get(`/incidents/${incident}`, await cookieOf(who));
  };
  const formOf = async (by: Who, on: SeenCard, gesture: Gesture): Promise<Record<string, string>> => {
    const cookie = await cookieOf(by);
    const html = await get(`/incidents/${on.incident}`, cookie);
    const values = Object.entries(gesture.values ?? {}).map(([name, value]) => [`value.${name}`, value]);
    return {
      csrf: hidden(html, 'csrf'),
      gesture: `g${Math.random()}`,
      digest: (on.handle as Handle).digest,
      verdict: gesture.verdict,
      words: gesture.words ?? '',
      ...Object.fromEntries(values),
    };
  };
  const send = async (by: Who, on: SeenCard, form: Record<string, string>): Promise<Told> => {
    const headers = { cookie: await cookieOf(by), 'hx-request': 'true' };
    const body = new URLSearchParams(form);
    const answer = await fetch(`${house.url}/incidents/${on.incident}/decisions`, { method: 'POST', headers, body });
    return toldIn(await answer.text());
  };
  const stored = async (html: string, who: Who): Promise<string> => {
    const digests = new Set([...html.matchAll(/\/observations\/([0-9a-f]{64})/g)].map(([, digest]) => digest));
    const pages = [...digests].map(async (digest) => textOf(await get(`/observations/${digest}`, await cookieOf(who))));
    return (await Promise.all(pages)).join('\n');
  };

  return {
    chat: 'web',
    core: () => house.core,
    async pass(ms) {
      clock.advance(ms);
    },
    see: async (incident) => seenIn(incident, await threadPage(incident)),
    press: async (by, on, gesture) => send(by, on, await formOf(by, on, gesture)),
    async pressDelivered(by, on, gesture, between) {
      const form = await formOf(by, on, gesture);
      const first = await send(by, on, form);
      await between?.();
      return [first, await send(by, on, form)];
    },
    async detail(by, incident, what) {
      const html = await threadPage(incident, by);
      return what === 'trace' ? textOf(traceIn(html)) : stored(html, by);
    },
    async everything(by, incident) {
      const html = await threadPage(incident, by);
      return `${textOf(html)}\n${await stored(html, by)}`;
    },
    async note(by, incident, text, times = 1) {
      const html = await threadPage(incident, by);
      const form = /<form[^>]*class="note-form"[\s\S]*?<\/form>/.exec(html)?.[0] ?? '';
      const inputs = [...form.matchAll(/<input type="hidden" name="([^"]*)"/g)].map(([, name = '']) => name);
      const fields = Object.fromEntries(inputs.map((name) => [name, hidden(form, name)]));
      for (let time = 0; time < times; time++) {
        const body = new URLSearchParams({ ...fields, text });
        const headers = { cookie: await cookieOf(by) };
        await fetch(`${house.url}/incidents/${incident}/notes`, { method: 'POST', headers, body, redirect: 'manual' });
      }
    },
    async restart() {
      const { core, port } = house;
      await house.close();
      const { policy, observations } = core;
      house = await serve(createChatCore({ log, clock, policy, observations }), port);
    },
    close: () => house.close(),
  };
}

interface Handle {
  digest: string;
}

interface Served {
  core: ChatCore;
  url: string;
  port: number;
  close(): Promise<void>;
}

async function serve(core: ChatCore, port: number): Promise<Served> {
  const webPage = createWebPage({
    backend: core.backend,
    clock: core.clock,
    processLog: createProcessLog('test', 'silent'),
    access: chooseAccess({ host: '127.0.0.1', tokens: undefined, people: Object.values(PEOPLE) }),
    cookieSecret: 'a cookie secret for tests, long enough',
    allowedHosts: ['127.0.0.1'],
    secure: false,
  });
  const stop = new AbortController();
  const following = core.follow((thread) => webPage.show(thread), stop.signal);
  const server = createServer(express().use(closing, webPage.router));
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const bound = (server.address() as { port: number }).port;
  const close = async (): Promise<void> => {
    stop.abort();
    await following;
    await closed(webPage, server);
  };
  return { core, url: `http://127.0.0.1:${bound}`, port: bound, close };
}

/** No connection outlives its answer, so that a restart meets nobody half-way. */
const closing: RequestHandler = (_request, response, next) => {
  response.set('connection', 'close');
  next();
};

async function closed(webPage: WebPage, server: Server): Promise<void> {
  webPage.close();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
}

async function page(url: string, path: string, cookie: string): Promise<string> {
  return (await fetch(`${url}${path}`, { headers: { cookie } })).text();
}

/** A visitor of their own; `nobody` has looked at the page and said no name. */
async function nameOneself(url: string, who: Who): Promise<string> {
  const first = await fetch(`${url}/who`);
  const cookie = cookiesOf(first);
  if (who === 'nobody') return cookie;
  const body = new URLSearchParams({ csrf: hidden(await first.text(), 'csrf'), person: PEOPLE[who], next: '/' });
  const named = await fetch(`${url}/who`, { method: 'POST', headers: { cookie }, body, redirect: 'manual' });
  return cookiesOf(named);
}

function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}

function traceIn(html: string): string {
  return /<details class="trace"[\s\S]*?<\/ol><\/details>/.exec(html)?.[0] ?? '';
}

function seenIn(incident: string, html: string): Seen {
  const headlines = html.match(/<section id="headline"[\s\S]*?<\/section>/g) ?? [];
  const talk = /<ol id="talk-list">[\s\S]*?<form /.exec(html)?.[0] ?? '';
  const said = (kind: 'note' | 'question'): string[] =>
    talk
      .split(/(?=<li id="(?:note|question)-)/)
      .filter((item) => item.startsWith(`<li id="${kind}-`))
      .map(textOf);
  const main = /<main[\s\S]*<\/main>/.exec(html)?.[0] ?? html;
  return {
    headline: textOf(headlines[0] ?? ''),
    headlines: headlines.length,
    cards: [...html.matchAll(/<article id="card-[\s\S]*?<\/article>/g)].map(([card]) => cardIn(incident, card)),
    trace: textOf(traceIn(html)),
    notes: said('note'),
    questions: said('question'),
    text: textOf(main),
    alive: aliveIn(html),
  };
}

function cardIn(incident: string, html: string): SeenCard {
  const actions = [...html.matchAll(/name="verdict" value="(approve|modify|reject)"/g)].map(
    ([, verdict]) => verdict as Verdict,
  );
  const handle: Handle = { digest: hidden(html, 'digest') };
  const title = textOf(/<h2[\s\S]*?<\/h2>/.exec(html)?.[0] ?? '').trim();
  return { incident, title, text: textOf(html), actions, handle };
}

function toldIn(html: string): Told {
  const box = /<div class="answer-box[\s\S]*?<\/div>/.exec(html)?.[0];
  const faulty = html.match(/<div class="field faulty">[\s\S]*?class="fault"[\s\S]*?<\/p>/g) ?? [];
  const faults = faulty.map((field) => {
    const name = attribute(field, 'name').replace(/^value\./, '');
    return [name, textOf(/<p class="fault"[\s\S]*?<\/p>/.exec(field)?.[0] ?? '').trim()] as const;
  });
  return { text: textOf(box ?? html).trim(), faults: Object.fromEntries(faults) };
}
