import type { Places } from '../model/places.ts';
import type { Site } from '../model/site.ts';
import type { TaskFault, TaskOrder } from '../model/vim-task.ts';
import type { Vm } from '../model/vm.ts';
import type { Connection, ConnectionTable } from '../server/connections.ts';
import type { Privileges } from '../server/privileges.ts';
import { VimFault } from '../soap/fault.ts';
import type { Ref } from '../soap/values.ts';

/** What all operations share. */
export interface World {
  readonly site: Site;
  readonly places: Places;
  readonly connections: ConnectionTable;
  readonly privileges: Privileges;
  readonly user: string;
  readonly password: string;
  readonly pageLimit: number;
  readonly instanceUuid: string;
  readonly changedAreas: { readonly perAnswer: number; readonly windowBytes: number };
}

/** One decoded request on its way. */
export interface Call extends World {
  readonly operation: string;
  readonly target: Ref;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Absent before login. */
  readonly connection: Connection | undefined;
  readonly userAgent: string;
  /** What the fault queue wants the vim task of this call to do. */
  readonly taskFault: TaskFault | undefined;
  setCookie(value: string): void;
}

export type Handler = (call: Call) => unknown;

/** For operations that the dispatcher only lets through after login. */
export function loggedIn(call: Call): Connection {
  if (call.connection === undefined)
    throw new VimFault('NotAuthenticated', 'The session is not authenticated.', {
      object: call.target,
      privilegeId: 'System.View',
    });
  return call.connection;
}

export interface VmTask extends Pick<TaskOrder, 'descriptionId' | 'work'> {
  readonly vm: Vm;
}

/** Starts a vim task that has the VM to itself; a second one meets TaskInProgress. */
export function startVmTask(call: Call, task: VmTask): Ref {
  const { vm } = task;
  if (vm.busyWith !== undefined)
    throw new VimFault(
      'TaskInProgress',
      'The operation is not allowed: another task is already in progress.',
      {
        task: vm.busyWith,
      },
    );
  vm.busyWith = call.site.tasks.start({
    descriptionId: task.descriptionId,
    name: call.operation,
    entity: vm.ref,
    entityName: vm.name,
    userName: call.connection?.userName ?? '',
    cancelable: false,
    fault: call.taskFault,
    work: async (progress) => {
      try {
        return await task.work(progress);
      } finally {
        // A failed removal changes things too.
        await call.site.settle();
      }
    },
    onEnd: () => {
      vm.busyWith = undefined;
    },
  });
  return vm.busyWith;
}
