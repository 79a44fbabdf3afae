import type { ModalView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { AppError } from '../../../src/domain/errors.js';
import type { ProcessLog } from '../../../src/log.js';
import type { SlackBody } from '../body.js';
import { slackError } from '../errors.js';
import type { Where } from './job.js';

/** Tells one person something, by the best way that is open. */
export interface Answers {
  /** Ephemeral. @throws AppError that may be tried again when Slack is away; a person who can not be reached at all is logged. */
  say(where: Where, body: SlackBody): Promise<void>;
  /** In the view the gesture came from; as `instead` when that is closed. */
  show(where: Where, view: ModalView, instead: SlackBody): Promise<void>;
}

/** So that giving up can tell "nobody was told" from "nothing was done". */
export const NOT_TOLD = 'Slack could not be told the answer.';

const RESPONSE_TIMEOUT_MS = 5000;
const RESPONSE_HOSTS = new Set(['hooks.slack.com', 'hooks.slack-gov.com']);

export interface AnswersDeps {
  client: WebClient;
  apiUrl: string | undefined;
  processLog: ProcessLog;
}

export function createAnswers(deps: AnswersDeps): Answers {
  const say = async (where: Where, body: SlackBody): Promise<void> => {
    if (await respond(deps, where, body)) return;
    if (await postEphemeral(deps, where, body)) return;
    await postDirect(deps, where, body);
  };
  return {
    say,
    async show(where, view, instead) {
      if (where.view !== undefined && (await updateView(deps, where.view, view).catch(notNow))) return;
      await say(where, instead);
    },
  };
}

/** No rate limit, five uses in thirty minutes. False when that way is not open; another is tried then. */
async function respond({ apiUrl, processLog }: AnswersDeps, where: Where, body: SlackBody): Promise<boolean> {
  const { responseUrl, thread } = where;
  if (responseUrl === undefined || !isSlackAddress(responseUrl, apiUrl)) return false;
  try {
    const answer = await fetch(responseUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        response_type: 'ephemeral',
        replace_original: false,
        ...(thread === undefined ? {} : { thread_ts: thread }),
        ...body,
      }),
      redirect: 'error',
      signal: AbortSignal.timeout(RESPONSE_TIMEOUT_MS),
    });
    await answer.body?.cancel();
    if (!answer.ok) processLog.info({ status: answer.status }, 'a response address is used up');
    return answer.ok;
  } catch (error) {
    processLog.info({ error }, 'a response address did not answer');
    return false;
  }
}

/** The address stands in a payload that Slack signed; it is held to Slack's hosts all the same. */
function isSlackAddress(address: string, apiUrl: string | undefined): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  if (apiUrl !== undefined && URL.canParse(apiUrl)) return url.origin === new URL(apiUrl).origin;
  return url.protocol === 'https:' && RESPONSE_HOSTS.has(url.host);
}

async function postEphemeral({ client }: AnswersDeps, where: Where, body: SlackBody): Promise<boolean> {
  const { user, channel, thread } = where;
  if (channel === undefined) return false;
  return called(() =>
    client.chat.postEphemeral({ user, channel, ...(thread === undefined ? {} : { thread_ts: thread }), ...body }),
  );
}

/** To the person's conversation with the app: the last way, for whoever left the channel or came from nowhere. */
async function postDirect({ client, processLog }: AnswersDeps, where: Where, body: SlackBody): Promise<void> {
  const told = await called(() => client.chat.postMessage({ channel: where.user, ...body }));
  if (!told) processLog.warn({ user: where.user }, 'a person could not be told the answer to a click');
}

/** A view that can not be changed now is no reason to wait: what is said beside it has limits of its own. */
function notNow(error: unknown): false {
  if (error instanceof AppError && error.kind === 'rate_limited') return false;
  throw error;
}

async function updateView({ client }: AnswersDeps, viewId: string, view: ModalView): Promise<boolean> {
  return called(() => client.views.update({ view_id: viewId, view }));
}

/** True when it was done, false when Slack refused it for good. @throws AppError when it may be tried again. */
async function called(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (thrown) {
    const error = slackError(thrown);
    if (!error.retryable || error.kind === 'conflict') return false;
    const { kind, retryAfterMs } = error;
    throw new AppError(kind, {
      safeText: NOT_TOLD,
      cause: error,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }
}
