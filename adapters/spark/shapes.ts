import { z } from 'zod';

/** Only the fields in use of the History Server's `/api/v1`. */
const count = z.number().nullish();

const Attempt = z.looseObject({
  attemptId: z.string().nullish(),
  startTime: z.string().nullish(),
  endTime: z.string().nullish(),
  lastUpdated: z.string().nullish(),
  completed: z.boolean().nullish(),
});
export const Application = z.looseObject({ id: z.string(), name: z.string(), attempts: z.array(Attempt).default([]) });
export type Application = z.infer<typeof Application>;
export const Applications = z.array(Application);

const Stage = z.looseObject({
  stageId: z.number().int(),
  attemptId: z.number().int(),
  status: z.string().nullish(),
  name: z.string().nullish(),
  numFailedTasks: count,
  failureReason: z.string().nullish(),
  memoryBytesSpilled: count,
  diskBytesSpilled: count,
  executorRunTime: count,
});
export type Stage = z.infer<typeof Stage>;
export const Stages = z.array(Stage);

const Task = z.looseObject({
  index: z.number().int(),
  executorId: z.string().nullish(),
  host: z.string().nullish(),
  errorMessage: z.string().nullish(),
  duration: count,
  taskMetrics: z
    .looseObject({
      executorRunTime: count,
      diskBytesSpilled: count,
      inputMetrics: z.looseObject({ bytesRead: count }).nullish(),
      shuffleReadMetrics: z.looseObject({ remoteBytesRead: count, localBytesRead: count }).nullish(),
    })
    .nullish(),
});
export type Task = z.infer<typeof Task>;
export const Tasks = z.array(Task);

const quantiles = z.array(z.number()).nullish();
export const TaskSummary = z.looseObject({
  executorRunTime: quantiles,
  diskBytesSpilled: quantiles,
  inputMetrics: z.looseObject({ bytesRead: quantiles }).nullish(),
  shuffleReadMetrics: z.looseObject({ readBytes: quantiles }).nullish(),
});

const Executor = z.looseObject({
  id: z.string(),
  hostPort: z.string().nullish(),
  isActive: z.boolean().nullish(),
  removeReason: z.string().nullish(),
  removeTime: z.string().nullish(),
  failedTasks: count,
  maxMemory: count,
});
export const Executors = z.array(Executor);

/** `errorMessage` is there since Spark 4; empty where the execution did not fail. */
const Execution = z.looseObject({
  id: z.number().int(),
  status: z.string().nullish(),
  description: z.string().nullish(),
  errorMessage: z.string().nullish(),
});
export const Executions = z.array(Execution);

export const Environment = z.looseObject({ sparkProperties: z.array(z.tuple([z.string(), z.string()])).default([]) });
