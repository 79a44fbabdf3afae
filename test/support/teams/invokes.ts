import { activityFrom, type Spot } from './activities.js';
import { understood } from './answers.js';
import type { Core, Json } from './core.js';
import { handOver, recorded } from './sender.js';
import type { Answer, Dialog, GestureOptions, InvokeName, Reaction } from './server-types.js';
import type { TeamsUser } from './types.js';

const EXECUTE_MS = 15_000;
const DIALOG_MS = 5000;
/** After its first try, when a dialog's answer is late. */
const CLIENT_RETRIES = 2;

export interface Gesture {
  name: InvokeName;
  value: unknown;
  spot: Spot;
  replyToId?: string | undefined;
  from: Dialog['from'];
}

/** Hands one gesture to the bot as often as it is to be delivered, always with the same activity. */
export async function deliverGesture(
  core: Core,
  user: TeamsUser,
  gesture: Gesture,
  options: GestureOptions = {},
): Promise<Reaction> {
  const { name, value, spot, replyToId } = gesture;
  const activity = activityFrom(core, user, spot, {
    type: 'invoke',
    name,
    value,
    ...(replyToId === undefined ? {} : { replyToId }),
    ...(options.activityId === undefined ? {} : { id: options.activityId }),
  });
  const once = (): Promise<Answer> => core.track(deliverOnce(core, activity, gesture));
  const times = options.times ?? core.options.times ?? 1;
  const answers: Answer[] = [];
  if (options.how === 'in turn')
    for (let time = 0; time < times; time++) {
      if (time > 0) await options.between?.();
      answers.push(await once());
    }
  else answers.push(...(await Promise.all(Array.from({ length: times }, once))));
  const last = answers.findLast(({ kind }) => kind !== 'none') ?? (answers.at(-1) as Answer);
  return { ...last, ok: last.kind !== 'none' && last.kind !== 'error', answers, blocked: {} };
}

async function deliverOnce(core: Core, activity: Json, { name, from }: Gesture): Promise<Answer> {
  const execute = name === 'adaptiveCard/action';
  const deadline = execute ? (core.options.executeMs ?? EXECUTE_MS) : (core.options.dialogMs ?? DIALOG_MS);
  const tries = execute ? 1 : 1 + CLIENT_RETRIES;
  for (let attempt = 1; ; attempt++) {
    const sent = await handOver(core, activity, deadline);
    const body = parsed(sent.text);
    const answer = understood(name, sent.status, body, from);
    recorded(core, activity, sent, answer.faults, body);
    if (sent.outcome !== 'http_timeout' || attempt === tries)
      return {
        kind: answer.kind,
        text: answer.text,
        card: answer.card,
        dialog: answer.dialog,
        ms: sent.ms,
        raw: sent.text,
      };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
