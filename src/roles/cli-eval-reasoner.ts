import type { LocalConfig } from '../config.js';
import { AppError } from '../domain/errors.js';
import { type BaselineName, isBaseline } from './baseline-name.js';

/** Who is examined: how reports name it, and the settings its investigator runs with. */
export interface ExaminedReasoner {
  name: string;
  model: string;
  settings: NodeJS.ProcessEnv;
  /** The configured model without the agent's loop. */
  baseline?: BaselineName;
}

/**
 * The only place that knows reasoners by name: `playbook` is the embedded one, `openai` the configured model, `alert_only` and
 * `all_at_once` that model without a loop, anything else a model of the configured API. Without a name it is what the environment configures. @throws AppError `misconfigured` naming the variables.
 */
export async function reasonerOf(config: LocalConfig, name: string | undefined): Promise<ExaminedReasoner> {
  const wanted = name ?? config.model['COUNTERSIGN_REASONER'] ?? 'playbook';
  if (wanted === 'playbook') return playbook();
  const baseline = isBaseline(wanted) ? wanted : undefined;
  const model = wanted === 'openai' || baseline !== undefined ? config.model['OPENAI_MODEL'] : wanted;
  if (model === undefined || config.model['OPENAI_API_KEY'] === undefined) {
    throw new AppError('misconfigured', {
      field: '--reasoner',
      safeText: `--reasoner ${wanted} needs OPENAI_API_KEY${model === undefined ? ' and OPENAI_MODEL' : ''} in the environment (and OPENAI_BASE_URL for another API than OpenAI's). The embedded reasoner is --reasoner playbook.`,
    });
  }
  return {
    name: baseline ?? 'openai',
    model,
    ...(baseline === undefined ? {} : { baseline }),
    settings: { ...config.model, COUNTERSIGN_REASONER: 'openai', OPENAI_MODEL: model },
  };
}

async function playbook(): Promise<ExaminedReasoner> {
  // Only here, as it brings the agent's libraries with it.
  const { createPlaybookReasoner } = await import('../investigate/playbook/reasoner.js');
  const { name, model } = createPlaybookReasoner();
  return { name, model, settings: { COUNTERSIGN_REASONER: 'playbook' } };
}
