import { knownPrivileges } from '../server/privileges.ts';
import { VimFault } from '../soap/fault.ts';
import { ref, refKey } from '../soap/values.ts';
import type { Call, Handler, World } from './call.ts';
import { loggedIn } from './call.ts';
import { fieldDef } from '../model/custom-fields.ts';

export const managers = {
  rootFolder: ref('Folder', 'group-d1'),
  propertyCollector: ref('PropertyCollector', 'propertyCollector'),
  viewManager: ref('ViewManager', 'ViewManager'),
  sessionManager: ref('SessionManager', 'SessionManager'),
  authorizationManager: ref('AuthorizationManager', 'AuthorizationManager'),
  taskManager: ref('TaskManager', 'TaskManager'),
  customFieldsManager: ref('CustomFieldsManager', 'CustomFieldsManager'),
  searchIndex: ref('SearchIndex', 'SearchIndex'),
} as const;

export function about(instanceUuid: string): object {
  return {
    name: 'VMware vCenter Server',
    fullName: 'VMware vCenter Server 7.0.3 build-20395099 (coldframe lab)',
    vendor: 'VMware, Inc.',
    version: '7.0.3',
    build: '20395099',
    localeVersion: 'INTL',
    localeBuild: '000',
    osType: 'linux-x64',
    productLineId: 'vpx',
    apiType: 'VirtualCenter',
    apiVersion: '7.0.3.0',
    instanceUuid,
    licenseProductName: 'VMware VirtualCenter Server',
    licenseProductVersion: '7.0',
  };
}

export function serviceContent(instanceUuid: string): object {
  return { $type: 'ServiceContent', ...managers, about: about(instanceUuid) };
}

export const serviceHandlers: Readonly<Record<string, Handler>> = {
  RetrieveServiceContent: (call) => serviceContent(call.instanceUuid),
  CurrentTime: () => new Date().toISOString(),
  Login: login,
  Logout: (call) => {
    call.connections.end(loggedIn(call));
  },
  SessionIsActive: (call) => {
    call.privileges.demand('Sessions.ValidateSession', call.target);
    return call.connections.all.some(
      (each) =>
        each.key === call.parameters['sessionID'] && each.userName === call.parameters['userName'],
    );
  },
  TerminateSession: (call) => {
    call.privileges.demand('Sessions.TerminateSession', call.target);
    for (const key of call.parameters['sessionId'] as readonly string[]) {
      const found = call.connections.all.find((each) => each.key === key);
      if (found === undefined) throw new VimFault('NotFound', `No session has the key ${key}.`);
      call.connections.end(found);
    }
  },
};

function login(call: Call): object {
  const { userName, password } = call.parameters;
  if (call.connection !== undefined || userName !== call.user || password !== call.password)
    throw new VimFault(
      'InvalidLogin',
      'Cannot complete login due to an incorrect user name or password.',
    );
  const { connection, cookie } = call.connections.open({
    userName: call.user,
    userAgent: call.userAgent,
    site: call.site,
    guard: (object, path) =>
      path === 'name' || path === 'parent'
        ? undefined
        : call.privileges.refusal('System.Read', object),
    pageLimit: call.pageLimit,
  });
  connection.objects.set(refKey(managers.sessionManager), {
    ref: managers.sessionManager,
    read: {
      currentSession: () => connection.info(),
      sessionList: () => call.connections.all.map((each) => each.info()),
    },
  });
  call.setCookie(`vmware_soap_session="${cookie}"; Path=/; HttpOnly; Secure; SameSite=Lax`);
  return connection.info();
}

/** Managed objects that are the same for every connection. */
export function addManagers({ site, instanceUuid }: World): void {
  const service = ref('ServiceInstance', 'ServiceInstance');
  site.inventory.add({
    ref: service,
    read: {
      content: () => serviceContent(instanceUuid),
      serverClock: () => new Date().toISOString(),
    },
  });
  const read: Readonly<Record<string, Readonly<Record<string, () => unknown>>>> = {
    taskManager: { recentTask: () => site.tasks.recent },
    customFieldsManager: {
      field: () => [...site.customFields].map(([key, field]) => fieldDef(key, field)),
    },
    authorizationManager: {
      privilegeList: () =>
        knownPrivileges.map((privId) => ({
          privId,
          onParent: false,
          name: privId.slice(privId.lastIndexOf('.') + 1),
          privGroupName: privId.slice(0, privId.lastIndexOf('.')),
        })),
      roleList: () => [],
    },
  };
  for (const [name, self] of Object.entries(managers))
    if (!['rootFolder', 'propertyCollector', 'sessionManager'].includes(name))
      site.inventory.add({ ref: self, read: read[name] ?? {} });
}
