import { type AgentMiddleware, createMiddleware } from 'langchain';
import { type TracedTurn, turnsIn } from '../messages.js';

/**
 * Two turns in a row at or above the threshold end the reading: what remains is drafting the plan and the answer tool.
 * Once a step has been drafted after that, or when a turn drafted nothing, the answer tool alone remains.
 */
export function earlyStopMiddleware(threshold: number, proposeTools: ReadonlySet<string>): AgentMiddleware {
  return createMiddleware({
    name: 'EarlyStop',
    wrapModelCall: async (request, handler) => {
      const phase = phaseOf(turnsIn(request.messages), threshold, proposeTools);
      if (phase === 'reading') return handler(request);
      const tools = phase === 'drafting' ? request.tools.filter((tool) => proposeTools.has(String(tool.name))) : [];
      return handler({ ...request, tools });
    },
  });
}

/** Where an investigation stands, out of its turns alone, so that a restart finds the same. */
export function phaseOf(
  turns: readonly TracedTurn[],
  threshold: number,
  proposeTools: ReadonlySet<string>,
): 'reading' | 'drafting' | 'concluding' {
  const sure = turns.findIndex(
    (turn, index) => index > 0 && turn.confidence >= threshold && (turns[index - 1]?.confidence ?? 0) >= threshold,
  );
  if (sure === -1) return 'reading';
  const drafting = turns.slice(sure + 1);
  const drafted = (turn: TracedTurn): boolean => turn.tools.some((tool) => proposeTools.has(tool));
  return drafting.every(drafted) && drafting.length < MAX_DRAFTING_TURNS ? 'drafting' : 'concluding';
}

/** A plan has at most six steps; a model that drafts one step a turn needs no more turns than that. */
const MAX_DRAFTING_TURNS = 3;
