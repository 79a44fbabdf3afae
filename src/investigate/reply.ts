import { z } from 'zod';
import { type AnswerTool, answerTool, Quote } from './answer.js';

/** The name of the tool that answers a follow-up question. */
export const REPLY_TOOL = 'answer_question';

/** What a follow-up question is answered with. There is no plan and no cause in it: a question proposes nothing. */
export const Reply = z
  .object({
    answered: z.boolean().describe('False when what is known does not answer it and no tool call is left that would.'),
    text: z
      .string()
      .describe(
        'The answer in one to six short plain sentences, the most important one first. What you do not know, you say.',
      ),
    evidence: z
      .array(Quote)
      .default([])
      .describe('Quotes for what the answer says about the systems, of this question or of the investigation.'),
  })
  .meta({ title: REPLY_TOOL, description: 'Answers the question, once, and ends.' });
export type Reply = z.infer<typeof Reply>;

export const reply: AnswerTool<Reply> = answerTool(REPLY_TOOL, Reply);
