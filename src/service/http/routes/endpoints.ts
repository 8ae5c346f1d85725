import { z } from 'zod';

import type { CertificateView, EndpointList, VmList } from '#core/api.ts';
import { Secret } from '#core/secret.ts';

import type { Endpoints } from '../../operations/endpoints.ts';
import type { ProbeCertificate } from '../../ports.ts';
import {
  certificateAnswer,
  endpointListAnswer,
  endpointTestAnswer,
  listAnswer,
} from '../answers.ts';
import { route, type BoundRoute } from '../route.ts';

const address = z.string().min(1).max(260);
const id = z.object({ id: z.string() });

const user = z.string().min(1);
const password = z.string().transform((text) => new Secret(text));
/** SHA-256 of the certificate, confirmed by a person. */
const thumbprint = z
  .string()
  .regex(/^([0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2}$/, 'must be a SHA-256, 32 hex pairs with colons')
  .transform((text) => text.toUpperCase());

const newEndpoint = z.strictObject({
  name: z.string().regex(/^[\w][\w. -]{0,62}$/, 'may hold letters, digits, space, and . _ -'),
  address,
  user,
  password,
  thumbprint: thumbprint.exactOptional(),
});

const endpointChange = z.strictObject({
  address: address.exactOptional(),
  user: user.exactOptional(),
  password: password.exactOptional(),
  thumbprint: thumbprint.nullable().exactOptional(),
});

export function endpointRoutes(
  endpoints: Endpoints,
  probe: ProbeCertificate,
): readonly BoundRoute[] {
  return [
    route({
      method: 'GET',
      path: '/endpoints',
      summary: 'List endpoints',
      answers: endpointListAnswer,
      handle: async (): Promise<EndpointList> => ({ endpoints: await endpoints.list() }),
    }),
    route({
      method: 'POST',
      path: '/endpoints',
      summary: 'Log in to an endpoint and save it',
      body: newEndpoint,
      status: 201,
      handle: ({ body, signal }) => endpoints.add(body, signal),
    }),
    route({
      method: 'POST',
      path: '/endpoint-certificates',
      summary: 'Read the certificate of an address, for a person to confirm',
      answers: certificateAnswer,
      body: z.strictObject({ address }),
      handle: async ({ body, signal }): Promise<CertificateView> => ({
        address: body.address,
        ...(await probe(body.address, signal)),
      }),
    }),
    route({
      method: 'POST',
      path: '/endpoints/:id/test',
      summary: 'Log in and look',
      answers: endpointTestAnswer,
      params: id,
      handle: ({ params, signal }) => endpoints.test(params.id, signal),
    }),
    route({
      method: 'PATCH',
      path: '/endpoints/:id',
      summary: 'Change address, account, password or confirmed certificate',
      params: id,
      body: endpointChange,
      handle: ({ params, body, signal }) => endpoints.update(params.id, body, signal),
    }),
    route({
      method: 'DELETE',
      path: '/endpoints/:id',
      summary: 'Forget an endpoint and its password',
      params: id,
      handle: ({ params }) => endpoints.remove(params.id),
    }),
    route({
      method: 'GET',
      path: '/vms',
      summary: 'List the VMs of an endpoint',
      answers: listAnswer('vms'),
      query: z.object({ endpoint: z.string().optional() }),
      handle: async ({ query, signal }): Promise<VmList> => ({
        vms: await endpoints.listVms(query.endpoint, signal),
      }),
    }),
  ];
}
