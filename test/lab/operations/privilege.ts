import { knownPrivileges } from '../server/privileges.ts';
import type { Ref } from '../soap/values.ts';
import type { Call, Handler } from './call.ts';

export const privilegeHandlers: Readonly<Record<string, Handler>> = {
  FetchUserPrivilegeOnEntities: (call) =>
    (call.parameters['entities'] as readonly Ref[]).map((entity) => ({
      entity,
      privileges: call.privileges.grantedOn(known(call, entity)),
    })),
  HasPrivilegeOnEntities: (call) =>
    (call.parameters['entity'] as readonly Ref[]).map((entity) => ({
      entity,
      privAvailability: availability(call, known(call, entity)),
    })),
  HasPrivilegeOnEntity: (call) =>
    availability(call, known(call, call.parameters['entity'] as Ref)).map((each) => each.isGranted),
};

function known(call: Call, entity: Ref): Ref {
  return call.site.inventory.get(entity).ref;
}

function availability(call: Call, entity: Ref): { privId: string; isGranted: boolean }[] {
  const asked = (call.parameters['privId'] as readonly string[] | undefined) ?? knownPrivileges;
  return asked.map((privId) => ({ privId, isGranted: call.privileges.isGranted(privId, entity) }));
}
