import type { EndpointTest } from '#core/api.ts';
import type { IdSource } from '#core/clock.ts';
import type { Endpoint, EndpointWithPassword } from '#core/config.ts';
import { ColdframeError, toErrorRecord } from '#core/error.ts';
import type { Secret } from '#core/secret.ts';
import type { VmSummary } from '#core/vm.ts';
import { checkEndpointPrivileges } from '#engine/check-privileges.ts';
import type { EngineContext, VsphereConnection } from '#engine/ports.ts';

import type { EndpointStore, ServiceJournal, Vsphere } from '../ports.ts';
import { refuseWhileOpen } from './open-entries.ts';
import { checkNewName, endpointWords, pick } from './pick.ts';

export interface EndpointOptions {
  readonly store: EndpointStore;
  readonly journal: Pick<ServiceJournal, 'open'>;
  readonly vsphere: Vsphere;
  /** Says which VM is the appliance's own. */
  readonly devices: Pick<EngineContext['devices'], 'self'>;
  readonly ids: IdSource;
  /** Hears every password before it is used anywhere. */
  readonly guard: (password: Secret) => void;
}

export interface NewEndpoint {
  readonly name: string;
  readonly address: string;
  readonly user: string;
  readonly password: Secret;
  /** SHA-256 that the administrator confirmed; absent: certificate authority and host name. */
  readonly thumbprint?: string;
}

/** What is left out stays as it is; a null thumbprint goes back to the certificate authority. */
export interface EndpointChange {
  readonly address?: string;
  readonly user?: string;
  readonly password?: Secret;
  readonly thumbprint?: string | null;
}

export interface Endpoints {
  list(): Promise<readonly Endpoint[]>;
  /** By id or name; the only one without. */
  find(wanted: string | undefined): Promise<Endpoint>;
  unlock(wanted: string | undefined): Promise<EndpointWithPassword>;
  /** Saved only after it was reached, logged in to and looked at. */
  add(wanted: NewEndpoint, signal: AbortSignal): Promise<EndpointTest>;
  test(wanted: string, signal: AbortSignal): Promise<EndpointTest>;
  /** For a new password or a renewed certificate; saved only when it works, and only for the same vCenter. */
  update(wanted: string, change: EndpointChange, signal: AbortSignal): Promise<EndpointTest>;
  remove(wanted: string): Promise<void>;
  listVms(wanted: string | undefined, signal: AbortSignal): Promise<readonly VmSummary[]>;
}

export function createEndpoints(options: EndpointOptions): Endpoints {
  const { store, journal, vsphere, devices, ids, guard } = options;
  const find = async (wanted: string | undefined): Promise<Endpoint> =>
    pick(await store.listEndpoints(), wanted, endpointWords);
  const unlock = async (wanted: string | undefined): Promise<EndpointWithPassword> => {
    const endpoint = await store.unlockEndpoint((await find(wanted)).id);
    guard(endpoint.password);
    return endpoint;
  };
  const look = async (
    endpoint: EndpointWithPassword,
    signal: AbortSignal,
  ): Promise<EndpointTest> => {
    await using connection = await vsphere.connect(endpoint, signal);
    const { instanceUuid, fullName, apiVersion } = connection.about;
    const vms = await connection.listVms(signal);
    const privileges = await lookAtPrivileges(connection, vms, signal);
    const { password: _, ...plain } = endpoint;
    return {
      endpoint: { ...plain, instanceUuid },
      product: fullName,
      apiVersion,
      instanceUuid,
      vmCount: vms.length,
      ...privileges,
    };
  };
  const lookAtPrivileges = async (
    connection: VsphereConnection,
    vms: readonly VmSummary[],
    signal: AbortSignal,
  ): Promise<Pick<EndpointTest, 'privilegeGaps' | 'privilegesUnknown'>> => {
    try {
      const applianceMoref = await connection.findOwnVm(await devices.self(signal), signal);
      const privilegeGaps = await checkEndpointPrivileges(
        connection,
        { vms, applianceMoref },
        signal,
      );
      return { privilegeGaps };
    } catch (error) {
      signal.throwIfAborted();
      return { privilegesUnknown: toErrorRecord(error).message };
    }
  };
  return {
    list: () => store.listEndpoints(),
    find,
    unlock,
    async add(wanted, signal) {
      guard(wanted.password);
      const all = await store.listEndpoints();
      checkNewName(all, wanted.name, endpointWords);
      const answer = await look({ ...wanted, id: ids.next() }, signal);
      const twin = all.find(({ instanceUuid }) => instanceUuid === answer.instanceUuid);
      if (twin !== undefined)
        throw new ColdframeError(
          'invalid-input',
          `${wanted.address} is the endpoint "${twin.name}" already. Use that one, or remove it first.`,
        );
      await store.saveEndpoint(answer.endpoint, wanted.password);
      return answer;
    },
    async test(wanted, signal) {
      return look(await unlock(wanted), signal);
    },
    async update(wanted, change, signal) {
      const saved = await find(wanted);
      // A saved password that cannot be decrypted any more must not stand in the way of a new one.
      const password = change.password ?? (await unlock(saved.id)).password;
      guard(password);
      const { thumbprint: savedThumbprint, ...rest } = saved;
      const thumbprint =
        change.thumbprint === undefined ? savedThumbprint : (change.thumbprint ?? undefined);
      const changed: EndpointWithPassword = {
        ...rest,
        address: change.address ?? saved.address,
        user: change.user ?? saved.user,
        password,
        ...(thumbprint === undefined ? {} : { thumbprint }),
      };
      const answer = await look(changed, signal);
      await store.saveEndpoint(answer.endpoint, change.password);
      return answer;
    },
    async remove(wanted) {
      const endpoint = await find(wanted);
      await refuseWhileOpen(journal, { word: 'endpoint', ...endpoint });
      await store.removeEndpoint(endpoint.id);
    },
    async listVms(wanted, signal) {
      await using connection = await vsphere.connect(await unlock(wanted), signal);
      // Awaited here: the connection is given back when this block is left.
      return await connection.listVms(signal);
    },
  };
}
