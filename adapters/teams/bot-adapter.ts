import { CloudAdapter, type TurnContext } from 'botbuilder';
import type { Request, Response } from 'express';
import { AppError } from '../../src/domain/errors.js';
import type { ProcessLog } from '../../src/log.js';
import { type AccessTokens, createAccessTokens } from './access-token.js';
import {
  type Authentication,
  type Connector,
  connectorFor,
  createAuthentication,
  ISSUER,
} from './bot-authentication.js';
import { isUnauthenticated, keepsToItsToken, refuseAtSight } from './token-check.js';

/** With `bot-authentication.ts` all that knows the Bot Framework: who calls us is checked with it, and Teams is called through it. */

export interface BotAdapterSettings {
  /** Empty only with `local`. */
  appId: string;
  appPassword: string;
  tenantId: string;
  openIdMetadata?: string;
  loginUrl?: string;
  local?: 'playground';
  processLog: ProcessLog;
}

/** What an invoke is answered with: the HTTP status and body. */
export interface InvokeAnswer {
  status: number;
  body: unknown;
}

/** As Teams sent it; only who sent it was checked. */
export type IncomingActivity = Record<string, unknown>;

/** Where a conversation is reached. */
export interface ConversationWhere {
  serviceUrl: string;
  /** `<channel>;messageid=<root>` for a thread. */
  conversation: string;
  /** `28:<app id>`. */
  botId: string;
  tenantId: string;
}

/**
 * Calls within one conversation, each made once: nothing is retried, not even a 429. What is thrown is botbuilder's: `RestError`
 * with `statusCode` and `response.headers`, or `code` (`ECONNRESET`, …) without; `AbortError`; `AppError` of the login.
 */
export interface ConversationCalls {
  /** @returns the new activity's id; `undefined` when Teams did not name it. */
  send(activity: Record<string, unknown>, signal?: AbortSignal): Promise<string | undefined>;
  edit(activityId: string, activity: Record<string, unknown>, signal?: AbortSignal): Promise<void>;
  /** Unchecked. */
  member(userId: string, signal?: AbortSignal): Promise<unknown>;
  /** Unchecked: `{ members, continuationToken? }`. */
  members(more: { pageSize: number; continuationToken?: string }, signal?: AbortSignal): Promise<unknown>;
}

/** What `POST /v3/conversations` takes. */
export interface NewConversation {
  isGroup: boolean;
  tenantId: string;
  bot: { id: string };
  members?: { id: string }[];
  channelData?: Record<string, unknown>;
  activity?: Record<string, unknown>;
}

export interface BotAdapter {
  /**
   * Answers the request, whatever happens: 401 for a token that is not Teams' for us, 503 while its keys can not be read, otherwise
   * what `onActivity` says, which is called for nobody else. The body must be parsed.
   */
  process(
    request: Request,
    response: Response,
    onActivity: (activity: IncomingActivity) => Promise<InvokeAnswer | undefined>,
  ): Promise<void>;
  /** @throws what `work` throws. */
  inConversation<T>(where: ConversationWhere, work: (calls: ConversationCalls) => Promise<T>): Promise<T>;
  /** Called once, as `ConversationCalls`. `activity` is the id of the first message, where Teams tells it. */
  newConversation(
    serviceUrl: string,
    parameters: NewConversation,
    signal?: AbortSignal,
  ): Promise<{ conversation: string | undefined; activity: string | undefined }>;
  /** A read of the connector beside conversations, e.g. `v3/teams/<id>/conversations`. @throws an error with `statusCode`. */
  read(serviceUrl: string, path: string, signal?: AbortSignal): Promise<unknown>;
  /** Asks for a new token and throws it away. @throws AppError. */
  login(signal?: AbortSignal): Promise<void>;
}

const KEYS_WITHIN_MS = 5000;

/** @throws AppError `misconfigured` without an app id: botbuilder would let everybody in then. */
export function createBotAdapter(settings: BotAdapterSettings): BotAdapter {
  const { appId, local } = settings;
  if (local === undefined && (appId === '' || settings.appPassword === '' || settings.tenantId === '')) {
    throw new AppError('misconfigured', {
      safeText:
        'Teams needs TEAMS_APP_ID, TEAMS_APP_PASSWORD and TEAMS_TENANT_ID: without them anybody could post as anybody.',
    });
  }
  const tokens = createAccessTokens(settings);
  const authentication = createAuthentication(settings, tokens);
  const cloud = new CloudAdapter(authentication);
  return {
    process: (request, response, onActivity) =>
      processRequest({ settings, authentication }, request, response, onActivity),
    inConversation: (where, work) => inConversation({ cloud, appId }, where, work),
    async newConversation(serviceUrl, parameters, signal) {
      // Not `createConversationAsync`: it loses the id of the first message, and does not end when it is told to.
      const connector = await connectorFor(authentication, appId, serviceUrl);
      const made = await connector.conversations.createConversation(
        parameters as unknown as Parameters<Connector['conversations']['createConversation']>[0],
        aborting(signal),
      );
      return { conversation: given(made?.id), activity: given(made?.activityId) };
    },
    read: (serviceUrl, path, signal) => readJson(local === undefined ? tokens : undefined, serviceUrl, path, signal),
    async login(signal) {
      if (local === undefined) await tokens.renew(signal);
    },
  };
}

async function inConversation<T>(
  { cloud, appId }: { cloud: CloudAdapter; appId: string },
  where: ConversationWhere,
  work: (calls: ConversationCalls) => Promise<T>,
): Promise<T> {
  let result: { of: T } | undefined;
  // No `onTurnError`: with one, what fails inside is swallowed.
  await cloud.continueConversationAsync(
    appId,
    {
      channelId: 'msteams',
      serviceUrl: where.serviceUrl,
      bot: { id: where.botId, name: '' },
      conversation: { id: where.conversation, tenantId: where.tenantId } as never,
    },
    async (context: TurnContext) => {
      const connector = context.turnState.get<Connector>(cloud.ConnectorClientKey);
      result = { of: await work(callsOf(connector, where)) };
    },
  );
  if (result === undefined)
    throw new AppError('internal', { safeText: 'A turn of botbuilder ended without its work.' });
  return result.of;
}

function callsOf({ conversations }: Connector, { conversation, botId }: ConversationWhere): ConversationCalls {
  const ours = (activity: Record<string, unknown>): Record<string, unknown> => ({
    ...activity,
    from: { id: botId },
    conversation: { id: conversation },
  });
  return {
    async send(activity, signal) {
      const sent = await conversations.sendToConversation(conversation, ours(activity), aborting(signal));
      return given(sent?.id);
    },
    async edit(activityId, activity, signal) {
      await conversations.updateActivity(
        conversation,
        activityId,
        { ...ours(activity), id: activityId },
        aborting(signal),
      );
    },
    member: (userId, signal) => conversations.getConversationMember(conversation, userId, aborting(signal)),
    members: (more, signal) =>
      // Its types want a continuation token at the first page, too.
      conversations.getConversationPagedMembers(conversation, { ...more, ...aborting(signal) } as Required<
        typeof more
      >),
  };
}

function aborting(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

function given(id: unknown): string | undefined {
  return typeof id === 'string' && id !== '' ? id : undefined;
}

async function readJson(
  tokens: AccessTokens | undefined,
  serviceUrl: string,
  path: string,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const answer = await fetch(`${serviceUrl.replace(/\/*$/, '/')}${path}`, {
    headers: tokens === undefined ? {} : { authorization: `Bearer ${await tokens.get(signal)}` },
    redirect: 'error',
    ...(signal === undefined ? {} : { signal }),
  });
  if (answer.ok) return answer.json();
  await answer.body?.cancel();
  throw Object.assign(new Error('The connector refused a read.'), {
    statusCode: answer.status,
    response: { headers: answer.headers },
  });
}

interface Door {
  settings: BotAdapterSettings;
  authentication: Authentication;
}

async function processRequest(
  { settings, authentication }: Door,
  request: Request,
  response: Response,
  onActivity: (activity: IncomingActivity) => Promise<InvokeAnswer | undefined>,
): Promise<void> {
  const { processLog } = settings;
  const activity = request.body as IncomingActivity;
  try {
    if (settings.local === undefined) await authenticate({ settings, authentication }, request, activity);
  } catch (error) {
    const unauthenticated = isUnauthenticated(error);
    // What others' errors say may be a piece of the token or of the keys.
    const reason = error instanceof AppError ? error.safeText : error instanceof Error ? error.name : 'unknown';
    processLog.warn(
      { reason },
      unauthenticated ? 'a request to the Teams endpoint was refused' : 'the keys of Teams can not be read',
    );
    return void response.status(unauthenticated ? 401 : 503).end();
  }
  try {
    const answer = await onActivity(activity);
    if (answer === undefined) response.status(200).end();
    else response.status(answer.status).json(answer.body);
  } catch (error) {
    processLog.error({ error }, 'an activity of Teams could not be taken in');
    response.status(500).end();
  }
}

/** @throws unless the token is Teams' own, for us, and for the address that the activity wants to be answered at. */
async function authenticate(
  { settings, authentication }: Door,
  request: Request,
  activity: IncomingActivity,
): Promise<void> {
  const authorization = request.get('authorization') ?? '';
  const ours = { issuer: ISSUER, audience: settings.appId };
  refuseAtSight(authorization, { ...ours, now: new Date() });
  const checking = authentication.authenticateRequest(activity as never, authorization);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new AppError('timeout', { safeText: 'The keys of Teams did not come in time.' })),
      KEYS_WITHIN_MS,
    );
  });
  try {
    const { claimsIdentity } = await Promise.race([checking, late]);
    const claim = (name: string): string | null => claimsIdentity.getClaimValue(name);
    keepsToItsToken(claim, { ...ours, serviceUrl: activity['serviceUrl'] });
  } finally {
    clearTimeout(timer);
  }
}
