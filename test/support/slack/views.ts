import type { Core } from './core.js';
import { freshId, refusal } from './core.js';
import { stateOf } from './elements.js';
import { named } from './messages.js';
import type { SlackBlock, SlackView, ViewValues } from './types.js';
import { validateView } from './validate/view.js';

const STACK = 3;

/** A view as the app sent it, once it is known to be well formed. @throws refusal `invalid_blocks`, `view_too_large`, … */
export function checkedView(raw: unknown, type: 'modal' | 'home'): Record<string, unknown> {
  const refused = validateView(raw);
  if (refused !== undefined) throw refusal(refused.error, { response_metadata: { messages: refused.messages } });
  const view = raw as Record<string, unknown>;
  if (typeof view !== 'object' || view === null || view['type'] !== type) {
    throw refusal('invalid_arguments', {
      response_metadata: { messages: [`[ERROR] must be a view of type "${type}" [json-pointer:/view/type]`] },
    });
  }
  return view;
}

export function openModal(core: Core, user: string, raw: Record<string, unknown>): SlackView {
  checkExternalId(core, raw);
  const stack = core.workspace.modals.get(user) ?? [];
  if (stack.length >= STACK) throw refusal('push_limit_reached');
  const view = composeView(core, raw);
  const below = stack.at(-1);
  view.root_view_id = below?.root_view_id ?? view.id;
  view.previous_view_id = below?.id ?? null;
  core.workspace.modals.set(user, [...stack, view]);
  core.workspace.changed({ kind: 'view', user });
  return view;
}

/** Replaces what stands in a modal; what was typed into fields that stay, stays. @throws refusal `not_found`, `hash_conflict`. */
export function updateModal(
  core: Core,
  find: { id?: string; externalId?: string },
  raw: Record<string, unknown>,
  hash?: string,
): SlackView {
  for (const [user, stack] of core.workspace.modals) {
    const at = stack.findIndex((view) =>
      find.id === undefined ? view.external_id !== '' && view.external_id === find.externalId : view.id === find.id,
    );
    const old = stack[at];
    if (old === undefined) continue;
    if (hash !== undefined && hash !== old.hash) throw refusal('hash_conflict');
    if (raw['external_id'] !== old.external_id) checkExternalId(core, raw);
    const view = composeView(core, raw, old);
    stack[at] = view;
    core.workspace.changed({ kind: 'view', user });
    return view;
  }
  throw refusal('not_found');
}

export function publishHome(core: Core, user: string, raw: Record<string, unknown>, hash?: string): SlackView {
  const { workspace } = core;
  if (!workspace.app.homeTab) throw refusal('not_enabled');
  if (!workspace.users.has(user)) throw refusal('user_not_found');
  const old = workspace.homes.get(user);
  if (hash !== undefined && old !== undefined && hash !== old.hash) throw refusal('hash_conflict');
  const view = composeView(core, raw, old);
  view.root_view_id = view.id;
  workspace.homes.set(user, view);
  workspace.changed({ kind: 'home', user });
  return view;
}

/** Takes the top modal away, or all; @returns what was closed, top first. */
export function closeModals(core: Core, user: string, all: boolean): SlackView[] {
  const stack = core.workspace.modals.get(user) ?? [];
  const closed = all ? stack.splice(0) : stack.splice(-1);
  core.workspace.changed({ kind: 'view', user });
  return closed.reverse();
}

function composeView(core: Core, raw: Record<string, unknown>, old?: SlackView): SlackView {
  const { team, app } = core.workspace;
  const blocks = named((raw['blocks'] as SlackBlock[] | undefined) ?? []);
  const text = (key: string): string => (typeof raw[key] === 'string' ? (raw[key] as string) : '');
  const part = (key: string): Record<string, unknown> | null =>
    (raw[key] as Record<string, unknown> | undefined) ?? null;
  const kept: ViewValues = old?.state.values ?? {};
  return {
    id: old?.id ?? freshId('V', 11),
    type: raw['type'] as SlackView['type'],
    team_id: team.id,
    app_id: app.id,
    bot_id: app.botId,
    hash: `${Math.floor(core.clock.now() / 1000)}.${freshId('', 8)}`,
    callback_id: text('callback_id'),
    external_id: text('external_id'),
    private_metadata: text('private_metadata'),
    title: (raw['title'] as Record<string, unknown> | undefined) ?? {},
    submit: part('submit'),
    close: part('close'),
    blocks,
    clear_on_close: raw['clear_on_close'] === true,
    notify_on_close: raw['notify_on_close'] === true,
    root_view_id: old?.root_view_id ?? '',
    previous_view_id: old?.previous_view_id ?? null,
    state: { values: stateOf(blocks, kept) },
  };
}

function checkExternalId(core: Core, raw: Record<string, unknown>): void {
  const id = raw['external_id'];
  if (typeof id !== 'string' || id === '') return;
  const taken = [...core.workspace.modals.values()].some((stack) => stack.some((view) => view.external_id === id));
  if (taken) throw refusal('duplicate_external_id');
}
