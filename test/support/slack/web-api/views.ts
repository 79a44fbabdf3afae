import { refusal } from '../core.js';
import type { SlackView } from '../types.js';
import { checkedView, openModal, publishHome, updateModal } from '../views.js';
import type { ApiMethod, Args } from './method.js';

const open: ApiMethod = {
  tier: 4,
  required: ['trigger_id', 'view'],
  optional: ['interactivity_pointer'],
  run(core, args) {
    const raw = viewOf(args, 'modal');
    const { user } = core.triggers.use(args.need('trigger_id'));
    return answer(openModal(core, user, raw));
  },
};

/** Only from within a modal that is still open. */
const push: ApiMethod = {
  tier: 4,
  required: ['trigger_id', 'view'],
  optional: ['interactivity_pointer'],
  run(core, args) {
    const raw = viewOf(args, 'modal');
    const { user, fromView } = core.triggers.use(args.need('trigger_id'));
    const stack = core.workspace.modals.get(user) ?? [];
    if (fromView === undefined || !stack.some(({ id }) => id === fromView)) throw refusal('not_found');
    return answer(openModal(core, user, raw));
  },
};

const update: ApiMethod = {
  tier: 4,
  required: ['view'],
  optional: ['view_id', 'external_id', 'hash'],
  run(core, args) {
    const raw = viewOf(args, 'modal');
    const id = args.text('view_id');
    const externalId = args.text('external_id');
    if (id === undefined && externalId === undefined) throw refusal('invalid_arguments');
    const find = id === undefined ? { externalId: externalId as string } : { id };
    return answer(updateModal(core, find, raw, args.text('hash')));
  },
};

const publish: ApiMethod = {
  tier: 4,
  required: ['user_id', 'view'],
  optional: ['hash', 'interactivity_pointer'],
  run(core, args) {
    const raw = viewOf(args, 'home');
    return answer(publishHome(core, args.need('user_id'), raw, args.text('hash')));
  },
};

export const VIEW_METHODS: Record<string, ApiMethod> = {
  'views.open': open,
  'views.push': push,
  'views.update': update,
  'views.publish': publish,
};

function viewOf(args: Args, type: 'modal' | 'home'): Record<string, unknown> {
  return checkedView(args.json('view', 'invalid_arguments'), type);
}

function answer(view: SlackView): Record<string, unknown> {
  return { view: structuredClone(view) } satisfies Record<string, unknown>;
}
