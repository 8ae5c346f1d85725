import { z } from 'zod';

import type { JobList, JobTimes } from '#core/api.ts';

import type { JobDefinitions } from '../../operations/job-definitions.ts';
import { jobChangeSchema, newJobSchema } from '../../operations/job-schema.ts';
import {
  orderSimulation,
  simulationOrderSchema,
  type SimulationOptions,
} from '../../operations/simulate-retention.ts';
import { jobTimesAnswer, listAnswer, runAnswer } from '../answers.ts';
import { route, type BoundRoute } from '../route.ts';

/** Id or name. */
const id = z.object({ id: z.string() });

export function jobRoutes(
  jobs: JobDefinitions,
  simulation: SimulationOptions,
): readonly BoundRoute[] {
  return [
    route({
      method: 'GET',
      path: '/jobs',
      summary: 'List jobs by name, each with its next time and its last run',
      answers: listAnswer('jobs'),
      handle: async (): Promise<JobList> => ({ jobs: await jobs.list() }),
    }),
    route({
      method: 'POST',
      path: '/jobs',
      summary: 'Save a new job',
      body: newJobSchema,
      status: 201,
      handle: ({ body }) => jobs.add(body),
    }),
    route({
      method: 'GET',
      path: '/jobs/:id',
      summary: 'One job',
      params: id,
      handle: ({ params }) => jobs.show(params.id),
    }),
    route({
      method: 'PATCH',
      path: '/jobs/:id',
      summary: 'Change, pause or resume a job',
      params: id,
      body: jobChangeSchema,
      handle: ({ params, body }) => jobs.change(params.id, body),
    }),
    route({
      method: 'DELETE',
      path: '/jobs/:id',
      summary: 'Forget a job; its restore points stay',
      params: id,
      handle: ({ params }) => jobs.remove(params.id),
    }),
    route({
      method: 'POST',
      path: '/jobs/:id/runs',
      summary: 'Run a job now',
      answers: runAnswer,
      params: id,
      status: 202,
      handle: ({ params, signal }) => jobs.run(params.id, signal),
    }),
    route({
      method: 'GET',
      path: '/jobs/:id/next',
      summary: 'Times of the coming runs',
      answers: jobTimesAnswer,
      params: id,
      query: z.object({ count: z.coerce.number().int().min(1).max(1000).default(10) }),
      handle: async ({ params, query }): Promise<JobTimes> => ({
        timesMs: await jobs.next(params.id, query.count),
      }),
    }),
    route({
      method: 'POST',
      path: '/retention-simulations',
      summary: 'Say what a policy would keep, now and in the coming days, and do nothing',
      body: simulationOrderSchema,
      handle: ({ body, signal }) => orderSimulation(simulation, body, signal),
    }),
  ];
}
