import type { LocalConfig } from '../config.js';
import { AppError } from '../domain/errors.js';

/** Who is examined: how reports name it, and the settings its investigator runs with. */
export interface ExaminedReasoner {
  name: string;
  model: string;
  settings: NodeJS.ProcessEnv;
}

/**
 * The only place that knows reasoners by name: `playbook` is the embedded one, `openai` the configured model, anything else a model of
 * the configured API. Without a name it is what the environment configures. @throws AppError `misconfigured` naming the variables.
 */
export async function reasonerOf(config: LocalConfig, name: string | undefined): Promise<ExaminedReasoner> {
  const wanted = name ?? config.model['COUNTERSIGN_REASONER'] ?? 'playbook';
  if (wanted === 'playbook') return playbook();
  const model = wanted === 'openai' ? config.model['OPENAI_MODEL'] : wanted;
  if (model === undefined || config.model['OPENAI_API_KEY'] === undefined) {
    throw new AppError('misconfigured', {
      field: '--reasoner',
      safeText: `--reasoner ${wanted} needs OPENAI_API_KEY${model === undefined ? ' and OPENAI_MODEL' : ''} in the environment (and OPENAI_BASE_URL for another API than OpenAI's). The embedded reasoner is --reasoner playbook.`,
    });
  }
  return {
    name: 'openai',
    model,
    settings: { ...config.model, COUNTERSIGN_REASONER: 'openai', OPENAI_MODEL: model },
  };
}

async function playbook(): Promise<ExaminedReasoner> {
  // Only here, as it brings the agent's libraries with it.
  const { createPlaybookReasoner } = await import('../investigate/playbook/reasoner.js');
  const { name, model } = createPlaybookReasoner();
  return { name, model, settings: { COUNTERSIGN_REASONER: 'playbook' } };
}
