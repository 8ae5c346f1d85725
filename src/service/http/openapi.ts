import { z } from 'zod';

import { errorCodes } from '#core/error.ts';
import { version } from '#core/version.ts';

import { roleNeeded } from '../auth/permissions.ts';
import { apiPrefix, type RouteShape } from './route.ts';

type Json = Record<string, unknown>;

/**
 * The API's description, OpenAPI 3.1, made from the schemas that check the requests: what is
 * not in it cannot be called, and what cannot be called is not in it.
 */
export function describeApi(routes: readonly RouteShape[]): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[route.method.toLowerCase()] = operation(route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'coldframe',
      version,
      description: 'Backup and restore of VMware vSphere virtual machines.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: apiPrefix }],
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem: problemSchema },
      responses: {
        Problem: {
          description: 'What is wrong, and what to do (RFC 9457)',
          content: {
            'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
          },
        },
      },
    },
  };
}

function operation(route: RouteShape): Json {
  const { method, path, summary, params, query, body } = route;
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/\W+(\w)/g, (_, c: string) => c.toUpperCase()).replaceAll(/\W/g, '')}`,
    summary,
    tags: [path.split('/')[1]!],
    'x-role': roleNeeded('api', method, path),
    parameters: [
      ...parameters('path', params),
      ...parameters('query', query),
      ...(method === 'POST' ? [idempotencyKey] : []),
    ],
    ...(body === undefined
      ? {}
      : {
          requestBody: { required: true, content: { 'application/json': { schema: asked(body) } } },
        }),
    responses: {
      ...answer(route),
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

function answer({ status, answers, streams, text }: RouteShape): Json {
  const type = streams === true ? 'text/event-stream' : text?.split(';')[0];
  if (type !== undefined)
    return {
      200: {
        description: streams === true ? 'Events until it ends' : 'Text',
        content: { [type]: { schema: { type: 'string' } } },
      },
    };
  const content = { 'application/json': { schema: answers === undefined ? {} : given(answers) } };
  const done = { [status ?? 200]: { description: 'Done', content } };
  // Where the answer is not pinned down it may also be empty.
  return answers !== undefined || status !== undefined
    ? done
    : { ...done, 204: { description: 'Done; there is nothing to say' } };
}

function parameters(place: 'path' | 'query', schema: z.ZodType | undefined): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = asked(schema) as {
    properties?: Record<string, Json>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, of]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: of,
  }));
}

const idempotencyKey: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Given again by the same caller within a day, the first answer is given again and nothing is done twice.',
  schema: { type: 'string', minLength: 1, maxLength: 200 },
};

/** What a caller sends: before defaults and conversions. */
function asked(schema: z.ZodType): Json {
  return bare(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
}

/** What a caller gets. */
function given(schema: z.ZodType): Json {
  return bare(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }));
}

function bare({ $schema: _schema, ...schema }: Json): Json {
  return schema;
}

const problemSchema: Json = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', enum: errorCodes },
    details: { type: 'object' },
    cause: { type: 'object' },
  },
};
