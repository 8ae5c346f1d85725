import { collectMetrics, type MetricsOptions } from '../../metrics/collect.ts';
import { exposition, expositionType } from '../../metrics/exposition.ts';
import { TextAnswer } from '../text-answer.ts';
import { route, type BoundRoute } from '../route.ts';

export function metricsRoutes(options: MetricsOptions): readonly BoundRoute[] {
  return [
    route({
      method: 'GET',
      path: '/metrics',
      summary: 'Figures for Prometheus; a token with the role "metrics" is enough',
      text: expositionType,
      handle: async ({ signal }) =>
        new TextAnswer(expositionType, exposition(await collectMetrics(options, signal))),
    }),
  ];
}
