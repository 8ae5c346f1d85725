import type { Health } from '../../health.ts';
import { healthAnswer } from '../answers.ts';
import { route, type BoundRoute } from '../route.ts';

export function healthRoutes(health: Health): readonly BoundRoute[] {
  return [
    route({
      method: 'GET',
      path: '/health',
      summary: 'How the service is: checks, load, what waits for being undone',
      answers: healthAnswer,
      handle: () => health.report(),
    }),
  ];
}
