import type { Request, Response } from 'express';
import { AppError } from '../../src/domain/errors.js';
import { changesBetween, type Outline, outlineOf, type Snapshot } from './fragments.js';

/**
 * Pages that are kept up to date over server-sent events. Only what changed is sent; several changes within a few milliseconds
 * are sent as one; a viewer who reconnects gets what changed since the revision it had.
 */
export interface Live {
  /** Brings everybody who watches the topic to this state. Cheap when nobody does. */
  changed(topic: string, render: () => Snapshot): void;
  /** Remembers what a page was given, and names it, so that its stream sends only what changed since. */
  remember(topic: string, snapshot: Snapshot): string;
  /** The topics of this prefix that somebody watches. */
  watched(prefix: string): string[];
  /** Streams the topic to this viewer; `from` is the revision of the page it was given, `fill` makes it the viewer's own. */
  stream(viewer: Viewer): Promise<void>;
  close(): void;
}

export interface Viewer {
  topic: string;
  from: string | undefined;
  request: Request;
  response: Response;
  load(): Promise<Snapshot>;
  fill(html: string): string;
}

interface Subscriber {
  viewer: Viewer;
  seen: Outline | undefined;
  /** Told the browser to go on from `seen`. */
  stop: NodeJS.Timeout;
}

interface Topic {
  subscribers: Set<Subscriber>;
  pending: (() => Snapshot) | undefined;
  current: { snapshot: Snapshot; outline: Outline } | undefined;
  /** Outlines of late, by revision. */
  known: Map<string, Outline>;
  timer: NodeJS.Timeout | NodeJS.Immediate | undefined;
  sentAt: number;
}

/** After a push, further changes wait this long and go out together. The first one never waits. */
const COALESCE_MS = 40;
const KEPT_OUTLINES = 64;
/** How soon a browser that lost the stream asks again. */
const RETRY_MS = 1000;
const HEARTBEAT_MS = 15_000;
/** A stream ends now and then, so that the browser comes back and signs in anew. */
const STREAM_LIFE_MS = 30 * 60_000;
const MOST_STREAMS = 1000;
const KEPT_TOPICS = 500;

export function createLive(): Live {
  const topics = new Map<string, Topic>();
  const open = new Set<Subscriber>();
  const heartbeat = setInterval(() => {
    for (const { viewer } of open) viewer.response.write(': still here\n\n');
  }, HEARTBEAT_MS).unref();

  const topicOf = (name: string): Topic => {
    const known = topics.get(name);
    if (known !== undefined) return known;
    const topic: Topic = {
      subscribers: new Set(),
      pending: undefined,
      current: undefined,
      known: new Map(),
      timer: undefined,
      sentAt: 0,
    };
    topics.set(name, topic);
    forgetIdle(topics);
    return topic;
  };

  return {
    changed(name, render) {
      const topic = topics.get(name);
      if (topic === undefined || topic.subscribers.size === 0) return;
      topic.pending = render;
      schedule(topic);
    },
    remember(name, snapshot) {
      const outline = outlineOf(snapshot);
      know(topicOf(name), outline);
      return outline.revision;
    },
    watched: (prefix) =>
      [...topics]
        .filter(([name, topic]) => name.startsWith(prefix) && topic.subscribers.size > 0)
        .map(([name]) => name),
    async stream(viewer) {
      if (open.size >= MOST_STREAMS) throw new AppError('unavailable', { safeText: 'Too many pages are open.' });
      const topic = topicOf(viewer.topic);
      const subscriber = openStream(viewer, topic, open);
      const loaded = topic.current?.snapshot ?? (await viewer.load());
      // While it was loading something newer may have come.
      keep(topic, topic.current?.snapshot ?? loaded);
      push(topic, subscriber);
    },
    close() {
      clearInterval(heartbeat);
      for (const { viewer } of [...open]) viewer.response.end();
    },
  };
}

function forgetIdle(topics: Map<string, Topic>): void {
  for (const [name, topic] of topics) {
    if (topics.size <= KEPT_TOPICS) return;
    if (topic.subscribers.size === 0) topics.delete(name);
  }
}

function openStream(viewer: Viewer, topic: Topic, open: Set<Subscriber>): Subscriber {
  const { response, request } = viewer;
  response.status(200).set({
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
  });
  response.flushHeaders();
  response.write(`retry: ${RETRY_MS}\n\n`);
  request.socket.setNoDelay(true);
  const last = request.headers['last-event-id'];
  const from = typeof last === 'string' && last !== '' ? last : viewer.from;
  const stop = setTimeout(() => response.end(), STREAM_LIFE_MS).unref();
  const subscriber: Subscriber = {
    viewer,
    seen: from === undefined ? undefined : (topic.known.get(from) ?? unknownOutline(from)),
    stop,
  };
  topic.subscribers.add(subscriber);
  open.add(subscriber);
  response.on('drain', () => push(topic, subscriber));
  response.on('close', () => {
    clearTimeout(stop);
    topic.subscribers.delete(subscriber);
    open.delete(subscriber);
    // Without watchers nobody tells this topic what changed, so what it holds would grow stale.
    if (topic.subscribers.size === 0) topic.current = undefined;
  });
  return subscriber;
}

/** A revision of before a restart: equal to the current one it needs nothing, else everything. */
function unknownOutline(revision: string): Outline {
  return { revision, leaves: new Map(), lists: new Map() };
}

function schedule(topic: Topic): void {
  if (topic.timer !== undefined) return;
  const flush = (): void => {
    topic.timer = undefined;
    topic.sentAt = Date.now();
    const render = topic.pending;
    topic.pending = undefined;
    if (render === undefined || topic.subscribers.size === 0) return;
    keep(topic, render());
    for (const subscriber of topic.subscribers) push(topic, subscriber);
  };
  const wait = topic.sentAt + COALESCE_MS - Date.now();
  topic.timer = wait > 0 ? setTimeout(flush, wait) : setImmediate(flush);
}

function keep(topic: Topic, snapshot: Snapshot): void {
  const outline = outlineOf(snapshot);
  topic.current = { snapshot, outline };
  know(topic, outline);
}

function know(topic: Topic, outline: Outline): void {
  topic.known.delete(outline.revision);
  topic.known.set(outline.revision, outline);
  for (const revision of topic.known.keys()) {
    if (topic.known.size <= KEPT_OUTLINES) break;
    topic.known.delete(revision);
  }
}

/** Sends what this viewer lacks. A slow one is skipped until it has read, and then gets all of it at once. */
function push(topic: Topic, subscriber: Subscriber): void {
  const { viewer, seen } = subscriber;
  const { current } = topic;
  if (current === undefined || viewer.response.writableNeedDrain || viewer.response.writableEnded) return;
  if (seen?.revision === current.outline.revision) {
    subscriber.seen = current.outline;
    return;
  }
  const known = seen !== undefined && seen.leaves.size > 0 ? seen : undefined;
  const html = viewer.fill(changesBetween(known, current.snapshot, current.outline));
  const data = html.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  subscriber.seen = current.outline;
  viewer.response.write(`id: ${current.outline.revision}\nevent: patch\n${data.join('')}\n`);
}
