import { AppError } from '../../../src/domain/errors.js';
import type { ProcessLog } from '../../../src/log.js';
import type { TeamsBody } from '../body.js';
import type { OutgoingActivity, TeamsConnector } from '../connector.js';
import type { TeamsReferences } from '../references.js';
import type { Where } from './job.js';

/** Tells one person something that the reply to their gesture could not tell any more. */
export interface Answers {
  /**
   * Alone, where the app is there for them; otherwise where they did it, called by name. @throws AppError that may be tried again when
   * Teams is away; a person who can not be reached at all is logged.
   */
  tell(where: Where, body: TeamsBody): Promise<void>;
  /** Where they wrote, for everybody there: what was asked aloud is answered aloud. @throws as `tell`. */
  reply(where: Where, body: TeamsBody): Promise<void>;
  /** Alone or not at all. @returns where it stands now; undefined when they were not reached. @throws as `tell`. */
  alone(where: Where, body: TeamsBody): Promise<Standing | undefined>;
}

/** A message of ours to one person. */
export interface Standing {
  conversation: string;
  message: string;
}

/** So that giving up can tell "nobody was told" from "nothing was done". */
export const NOT_TOLD = 'Teams could not be told the answer.';

interface AnswersDeps {
  connector: Pick<TeamsConnector, 'send' | 'openChat'>;
  references: Pick<TeamsReferences, 'personalChat'>;
  processLog: ProcessLog;
}

export function createAnswers(deps: AnswersDeps): Answers {
  const reply = async (where: Where, body: TeamsBody): Promise<void> => {
    const activity = where.personal ? messageOf(body) : called(messageOf(body), where);
    const told = await tried(() => deps.connector.send(where.conversation, activity));
    if (!told) deps.processLog.warn({}, 'a person could not be told the answer to what they did');
  };
  const alone = async (where: Where, body: TeamsBody): Promise<Standing | undefined> => {
    const conversation = await chatWith(deps, where);
    if (conversation === undefined) return undefined;
    let message = '';
    const told = await tried(async () => {
      message = await deps.connector.send(conversation, messageOf(body));
    });
    return told ? { conversation, message } : undefined;
  };
  return {
    reply,
    alone,
    async tell(where, body) {
      if ((await alone(where, body)) === undefined) await reply(where, body);
    },
  };
}

/** Undefined when the app is not there for them alone. */
async function chatWith({ connector, references }: AnswersDeps, where: Where): Promise<string | undefined> {
  if (where.personal) return where.conversation;
  const known = where.aad === undefined ? undefined : await references.personalChat(where.aad).catch(() => undefined);
  if (known !== undefined) return known.conversation;
  let opened: string | undefined;
  await tried(async () => {
    opened = await connector.openChat(where.user);
  });
  return opened;
}

/** Without a name of a delivery: it stands for itself. */
export function messageOf({ summary, card, text }: TeamsBody): OutgoingActivity {
  return {
    type: 'message',
    summary,
    ...(text === undefined ? {} : { text, textFormat: 'plain' }),
    ...(card === undefined
      ? {}
      : { attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card }] }),
  };
}

/** With the person called by name before it. What somebody is called is put where no markup is read. */
function called(activity: OutgoingActivity, { user, name }: Where): OutgoingActivity {
  const shown = (name ?? '').replaceAll(/[^\p{L}\p{M}\p{N} .'’-]/gu, ' ').trim() || 'You';
  const mention = `<at>${shown}</at>`;
  const text = typeof activity['text'] === 'string' ? `${mention} ${activity['text']}` : mention;
  return {
    ...activity,
    text,
    textFormat: 'markdown',
    entities: [{ type: 'mention', text: mention, mentioned: { id: user, name: shown } }],
  };
}

/** True when it was done, false when Teams refused it for good. @throws AppError when it may be tried again. */
async function tried(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (!error.retryable || error.kind === 'conflict') return false;
    const { kind, retryAfterMs } = error;
    throw new AppError(kind, {
      safeText: NOT_TOLD,
      cause: error,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }
}
