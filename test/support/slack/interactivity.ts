import type { Core } from './core.js';
import { isRefusal } from './core.js';
import { jsonObject } from './json-object.js';
import type { Delivered } from './parts.js';
import { respond } from './response-urls.js';
import type { Reaction, RecordedDelivery } from './server-types.js';
import type { SlackChannel, SlackView } from './types.js';
import { checkedView, closeModals, openModal, updateModal } from './views.js';

/** Sends one gesture to the app, once: Slack never repeats these, the person sees the failure instead. */
export async function deliverGesture(
  core: Core,
  kind: RecordedDelivery['kind'],
  payload: Record<string, unknown>,
): Promise<{ delivered: Delivered; ms: number }> {
  const began = core.clock.now();
  if (core.faults.isDown()) {
    return { delivered: { outcome: 'connection_failed', noRetry: false, body: '' }, ms: 0 };
  }
  const delivered = await core.track(core.sender.send({ kind, payload }));
  return { delivered, ms: core.clock.now() - began };
}

/** What is common to everything a person sends. */
export function payloadBase(core: Core, user: string): Record<string, unknown> {
  const { team, app, users } = core.workspace;
  const name = users.get(user)?.name ?? user;
  return {
    user: { id: user, username: name, name, team_id: team.id },
    api_app_id: app.id,
    token: 'local-verification-token',
    team: { id: team.id, domain: team.domain },
    enterprise: null,
    is_enterprise_install: false,
  };
}

/** The sign next to a button whose app did not answer. */
export function buttonReaction({ delivered, ms }: { delivered: Delivered; ms: number }): Reaction {
  if (delivered.outcome === 'ok') return { ok: true, ms };
  const error =
    delivered.outcome === 'http_timeout'
      ? 'Operation timed out. Apps need to respond within 3 seconds.'
      : delivered.outcome === 'http_error'
        ? `This app responded with Status Code ${delivered.status}.`
        : 'This app is not responding.';
  return { ok: false, error, ms };
}

const TROUBLE = 'We had some trouble connecting. Try again?';

/** Does what the app answered to a submitted form: close it, show errors, replace it, put one on top. */
export function submissionReaction(
  core: Core,
  user: string,
  view: SlackView,
  { delivered, ms }: { delivered: Delivered; ms: number },
): Reaction {
  if (delivered.outcome !== 'ok' || delivered.status !== 200) return { ok: false, error: TROUBLE, ms };
  const wrong = (why: string): Reaction => {
    core.warn(`view_submission answered with ${why}`);
    const last = core.deliveries.findLast(({ kind }) => kind === 'view_submission');
    if (last !== undefined) last.outcome = 'invalid_response';
    return { ok: false, error: TROUBLE, ms };
  };
  if (delivered.body === '') {
    closeModals(core, user, false);
    return { ok: true, ms };
  }
  const answer = jsonObject(delivered.body);
  if (answer === undefined) return wrong('a body that is no JSON object');
  try {
    switch (answer['response_action']) {
      case 'errors':
        return fieldErrors(view, answer['errors'], ms) ?? wrong('errors that name no input block of the view');
      case 'update':
        updateModal(core, { id: view.id }, checkedView(answer['view'], 'modal'));
        return { ok: true, ms };
      case 'push':
        openModal(core, user, checkedView(answer['view'], 'modal'));
        return { ok: true, ms };
      case 'clear':
        closeModals(core, user, true);
        return { ok: true, ms };
      default:
        return wrong(`response_action "${String(answer['response_action'])}"`);
    }
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return wrong(`${String(answer['response_action'])}: ${JSON.stringify(error.slack)}`);
  }
}

function fieldErrors(view: SlackView, errors: unknown, ms: number): Reaction | undefined {
  if (typeof errors !== 'object' || errors === null) return undefined;
  const inputs = new Set(view.blocks.flatMap((block) => (block.type === 'input' ? [block.block_id] : [])));
  const entries = Object.entries(errors);
  const good = entries.every(([block, text]) => inputs.has(block) && typeof text === 'string' && text !== '');
  return good && entries.length > 0 ? { ok: false, errors: errors as Record<string, string>, ms } : undefined;
}

/** The immediate answer to a slash command is a message, or nothing. */
export function commandReaction(
  core: Core,
  place: { user: string; channel: SlackChannel; command: string },
  { delivered, ms }: { delivered: Delivered; ms: number },
): Reaction {
  if (delivered.outcome !== 'ok' || delivered.status !== 200) {
    const reason = delivered.outcome === 'http_timeout' ? 'operation_timeout' : 'dispatch_failed';
    return { ok: false, error: `${place.command} failed with the error "${reason}"`, ms };
  }
  if (delivered.body.trim() === '') return { ok: true, ms };
  const answer = jsonObject(delivered.body) ?? { text: delivered.body };
  const done = respond(core, { user: place.user, channel: place.channel.id }, answer);
  if (done.status === 200) return { ok: true, ms };
  core.warn(`${place.command} answered with ${JSON.stringify(done.body)}`);
  return { ok: false, error: `${place.command} failed with the error "dispatch_unknown_error"`, ms };
}
