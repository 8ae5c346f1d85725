import { ColdframeError } from '#core/error.ts';
import type { EndpointWithPassword } from '#core/config.ts';
import type { Finding } from '#core/preflight.ts';
import { defaultTransportPolicy, type TransportChoice } from '#core/transport-plan.ts';
import type { VmDetails } from '#core/vm.ts';

import type { EngineContext, VmQuery, VsphereConnection } from './ports.ts';
import { surveyVm } from './survey-vm.ts';

export interface VmLook {
  readonly vm: VmDetails;
  /** The appliance's own VM on this endpoint. */
  readonly appliance: VmDetails | undefined;
  readonly findings: readonly Finding[];
}

export async function requireVm(
  connection: VsphereConnection,
  query: VmQuery,
  signal: AbortSignal,
): Promise<VmDetails> {
  const moref = await connection.findVm(query, signal);
  if (moref !== undefined) return connection.getVm(moref, signal);
  const [wanted] = Object.values(query);
  throw new ColdframeError(
    'not-found',
    `There is no VM "${wanted}" on ${connection.about.fullName}. List them with "coldframe vm list".`,
  );
}

export async function findAppliance(
  context: EngineContext,
  connection: VsphereConnection,
  signal: AbortSignal,
): Promise<VmDetails | undefined> {
  const moref = await connection.findOwnVm(await context.devices.self(signal), signal);
  return moref === undefined ? undefined : connection.getVm(moref, signal);
}

/** A fresh look, before anything is changed. Throws 'not-eligible' with everything that blocks. */
export async function lookAtVm(
  context: EngineContext,
  look: VmToLookAt,
  signal: AbortSignal,
): Promise<VmLook> {
  const seen = await survey(context, look, signal);
  const blocks = seen.findings.filter(({ effect }) => effect === 'blocks');
  if (blocks.length === 0) return seen;
  throw new ColdframeError(
    blocks.every(({ id }) => id.startsWith('privileges-')) ? 'no-permission' : 'not-eligible',
    `${seen.vm.identity.name} cannot be backed up: ${blocks.map(({ text }) => text).join(' ')}`,
    { details: { findings: seen.findings } },
  );
}

/** The same for people who ask: nothing is thrown for what is found. */
export async function checkVm(
  context: EngineContext,
  wanted: { readonly endpoint: EndpointWithPassword; readonly vm: VmQuery },
  signal: AbortSignal,
): Promise<VmLook> {
  const { endpoint, vm: query } = wanted;
  await using connection = await context.vsphere.connect(endpoint, signal);
  return await survey(
    context,
    { connection, endpointId: endpoint.id, query, transports: defaultTransportPolicy },
    signal,
  );
}

interface VmToLookAt {
  readonly connection: VsphereConnection;
  readonly endpointId: string;
  readonly query: VmQuery;
  readonly transports: readonly TransportChoice[];
}

async function survey(
  context: EngineContext,
  { connection, endpointId, query, transports }: VmToLookAt,
  signal: AbortSignal,
): Promise<VmLook> {
  const vm = await requireVm(connection, query, signal);
  const appliance = await findAppliance(context, connection, signal);
  const findings = await surveyVm(
    context,
    { connection, endpointId, vm, appliance, transports },
    signal,
  );
  return { vm, appliance, findings };
}
