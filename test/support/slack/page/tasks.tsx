import type { PlanBlock, TaskCardBlock } from '@slack/types';
import type { VNode } from 'preact';
import { Link } from './mrkdwn.js';
import { type Names, withEmoji } from './names.js';
import { RichText } from './rich-text.js';

const STATES: Record<string, { icon: string; label: string }> = {
  pending: { icon: '○', label: 'Waiting' },
  in_progress: { icon: '◐', label: 'Under way' },
  complete: { icon: '✓', label: 'Done' },
  error: { icon: '✕', label: 'Failed' },
};

/** A `plan` block: one line with its title and progress, folded; its tasks below. */
export function Plan({ block, names }: { block: PlanBlock; names: Names }): VNode {
  const tasks = (block.tasks ?? []) as TaskCardBlock[];
  const state = stateOf(tasks);
  return (
    <details class={`plan ${state}`} data-keep="plan">
      <summary>
        <Status status={state} />
        <span class="plan-title">{withEmoji(block.title)}</span>
        <span class="soft">{`${tasks.length} ${tasks.length === 1 ? 'step' : 'steps'}`}</span>
      </summary>
      <ol>
        {tasks.map((task) => (
          <li>
            <TaskCard task={task} names={names} />
          </li>
        ))}
      </ol>
    </details>
  );
}

/** Slack shows the plan as under way until nothing is left to do, and as failed only when its last word is a failure. */
function stateOf(tasks: readonly TaskCardBlock[]): TaskCardBlock['status'] {
  if (tasks.some(({ status }) => status === 'in_progress')) return 'in_progress';
  if (tasks.some(({ status }) => status === 'pending')) return 'pending';
  return tasks.at(-1)?.status === 'error' ? 'error' : 'complete';
}

/** One task: expandable only where there is something more to read. */
export function TaskCard({ task, names }: { task: TaskCardBlock; names: Names }): VNode {
  const more = task.details !== undefined || task.output !== undefined || (task.sources?.length ?? 0) > 0;
  const head = (
    <>
      <Status status={task.status} />
      <span class="task-title">{withEmoji(task.title)}</span>
    </>
  );
  if (!more) return <div class={`task ${task.status}`}>{head}</div>;
  return (
    <details class={`task ${task.status}`} data-keep={`task/${task.task_id}`}>
      <summary>{head}</summary>
      <div class="task-body">
        {task.details === undefined ? null : <RichText block={task.details} names={names} />}
        {task.output === undefined ? null : (
          <div class="task-output">
            <RichText block={task.output} names={names} />
          </div>
        )}
        {task.sources?.map((source) => (
          <p class="source">
            <Link url={source.url}>{source.text}</Link>
          </p>
        ))}
      </div>
    </details>
  );
}

function Status({ status }: { status: string }): VNode {
  const { icon, label } = STATES[status] ?? { icon: '?', label: status };
  return (
    <span class={`status ${status}`} role="img" aria-label={label}>
      {icon}
    </span>
  );
}
