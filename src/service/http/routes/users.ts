import { z } from 'zod';

import type { AuditList, NewTokenView, TokenList, UserList } from '#core/api-users.ts';
import { Secret } from '#core/secret.ts';
import { roles, userRoles } from '#core/user.ts';

import type { Tokens } from '../../auth/tokens.ts';
import type { AuditStore } from '../../auth/user-store.ts';
import type { Users } from '../../auth/users.ts';
import {
  auditCheckAnswer,
  auditListAnswer,
  newTokenAnswer,
  tokenListAnswer,
  userAnswer,
  userListAnswer,
} from '../answers.ts';
import { route, type BoundRoute } from '../route.ts';

const password = z.string().transform((text) => new Secret(text));

export const userName = z
  .string()
  .regex(/^[a-z][a-z0-9._-]{0,31}$/, 'may hold small letters, digits and . _ -');

export const tokenName = z.string().min(1).max(64);

export function userRoutes(users: Users): readonly BoundRoute[] {
  const name = z.object({ name: z.string() });
  return [
    route({
      method: 'GET',
      path: '/users',
      summary: 'List the users of the page',
      answers: userListAnswer,
      handle: async (): Promise<UserList> => ({ users: await users.list() }),
    }),
    route({
      method: 'POST',
      path: '/users',
      summary: 'Add a user',
      answers: userAnswer,
      body: z.strictObject({ name: userName, role: z.enum(userRoles), password }),
      status: 201,
      handle: ({ body }) => users.add(body),
    }),
    route({
      method: 'PATCH',
      path: '/users/:name',
      summary: 'Change role or password, or switch the second factor off; ends their sign-ins',
      answers: userAnswer,
      params: name,
      body: z.strictObject({
        role: z.enum(userRoles).exactOptional(),
        password: password.exactOptional(),
        totp: z.literal(false).exactOptional(),
      }),
      handle: ({ params, body }) => users.change(params.name, body),
    }),
    route({
      method: 'DELETE',
      path: '/users/:name',
      summary: 'Remove a user; the last administrator stays',
      params: name,
      handle: ({ params }) => users.remove(params.name),
    }),
  ];
}

export function tokenRoutes(tokens: Tokens): readonly BoundRoute[] {
  return [
    route({
      method: 'GET',
      path: '/tokens',
      summary: 'List API tokens; what they are is not kept',
      answers: tokenListAnswer,
      handle: async (): Promise<TokenList> => ({ tokens: await tokens.list() }),
    }),
    route({
      method: 'POST',
      path: '/tokens',
      summary: 'Make an API token; the answer is the only place that shows it',
      answers: newTokenAnswer,
      body: z.strictObject({
        name: tokenName,
        role: z.enum(roles),
        expiresAtMs: z.number().int().positive().exactOptional(),
      }),
      status: 201,
      handle: async ({ body, caller }): Promise<NewTokenView> => {
        const { token, secret } = await tokens.add({ ...body, createdBy: caller.name });
        return { ...token, secret: secret.reveal() };
      },
    }),
    route({
      method: 'DELETE',
      path: '/tokens/:id',
      summary: 'Revoke an API token',
      params: z.object({ id: z.string() }),
      handle: ({ params }) => tokens.remove(params.id),
    }),
  ];
}

export function auditRoutes(audit: AuditStore): readonly BoundRoute[] {
  return [
    route({
      method: 'GET',
      path: '/audit',
      summary: 'Who did what, newest first',
      answers: auditListAnswer,
      query: z.object({
        limit: z.coerce.number().int().min(1).max(1000).default(100),
        before: z.coerce.number().int().positive().optional(),
      }),
      handle: async ({ query }): Promise<AuditList> => {
        const { limit, before } = query;
        const entries = await audit.listAudit({
          limit,
          ...(before === undefined ? {} : { before }),
        });
        const last = entries.at(-1)?.seq ?? 1;
        return { entries, ...(last > 1 ? { before: last } : {}) };
      },
    }),
    route({
      method: 'GET',
      path: '/audit/check',
      summary: 'Recompute the chain of digests over the whole audit log',
      answers: auditCheckAnswer,
      handle: () => audit.checkAudit(),
    }),
  ];
}
