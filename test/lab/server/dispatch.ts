import type { Call, Handler, World } from '../operations/call.ts';
import { changedAreasHandlers } from '../operations/changed-areas.ts';
import { fieldHandlers } from '../operations/fields.ts';
import { privilegeHandlers } from '../operations/privilege.ts';
import { propertyHandlers } from '../operations/property.ts';
import { searchHandlers } from '../operations/search.ts';
import { serviceHandlers } from '../operations/service.ts';
import { snapshotHandlers } from '../operations/snapshot.ts';
import { folderHandlers } from '../operations/folder.ts';
import { vmHandlers } from '../operations/vm.ts';
import { operations } from '../schema/table.ts';
import { decodeRequest } from '../soap/decode.ts';
import { encodeAnswer, encodeFault } from '../soap/encode.ts';
import { invalidRequest, VimFault } from '../soap/fault.ts';
import type { Ref } from '../soap/values.ts';
import { parseXml, XmlError } from '../soap/xml.ts';
import type { Connection } from './connections.ts';
import type { FaultQueue } from './faults.ts';
import { applyBefore, BrokenAnswer, taskFaultOf } from './faults.ts';

const handlers: ReadonlyMap<string, Handler> = new Map(
  [
    serviceHandlers,
    propertyHandlers,
    searchHandlers,
    privilegeHandlers,
    snapshotHandlers,
    changedAreasHandlers,
    vmHandlers,
    folderHandlers,
    fieldHandlers,
  ].flatMap((table) => Object.entries(table)),
);

/** Calls that are answered before login. */
const open = new Set(['RetrieveServiceContent', 'Login']);

export interface Exchange {
  readonly body: string;
  readonly connection: Connection | undefined;
  readonly userAgent: string;
}

export interface Answer {
  readonly status: 200 | 500;
  readonly xml: string;
  readonly cookie: string | undefined;
}

export interface Dispatcher {
  readonly world: World;
  readonly faults: FaultQueue;
  /** Calls by operation, for tests that count. */
  readonly counters: Map<string, number>;
}

/** One SOAP request from text to text. Throws BrokenAnswer for faults below SOAP. */
export async function answer(on: Dispatcher, exchange: Exchange): Promise<Answer> {
  let cookie: string | undefined;
  try {
    const request = decodeRequest(parseXml(exchange.body));
    on.counters.set(request.operation, (on.counters.get(request.operation) ?? 0) + 1);
    const { connection } = exchange;
    const actions = on.faults.take(request.operation, namesOf(on.world, request.target));
    await applyBefore(actions, {
      expire: () => {
        if (connection !== undefined) on.world.connections.end(connection);
      },
    });
    const call: Call = {
      ...on.world,
      ...request,
      connection,
      userAgent: exchange.userAgent,
      taskFault: taskFaultOf(actions),
      setCookie: (value) => {
        cookie = value;
      },
    };
    const value = await run(call);
    if (actions.some((action) => action.kind === 'lose-answer')) throw new BrokenAnswer('drop');
    const { result } = operations.get(request.operation)!;
    return { status: 200, xml: encodeAnswer(request.operation, { type: result, value }), cookie };
  } catch (thrown) {
    if (thrown instanceof BrokenAnswer) throw thrown;
    return { status: 500, xml: encodeFault(asFault(thrown)), cookie };
  }
}

async function run(call: Call): Promise<unknown> {
  const handler = handlers.get(call.operation);
  if (handler === undefined)
    throw new VimFault('NotImplemented', `The lab does not implement ${call.operation}.`);
  if (!open.has(call.operation) && call.connection === undefined)
    throw new VimFault('NotAuthenticated', 'The session is not authenticated.', {
      object: call.target,
      privilegeId: 'System.View',
    });
  if (call.connection !== undefined) {
    call.connection.callCount++;
    call.connection.lastActiveTime = new Date().toISOString();
  }
  return await handler(call);
}

function namesOf(world: World, target: Ref): string[] {
  const name: unknown = world.site.inventory.find(target)?.read['name']?.();
  return typeof name === 'string' ? [target.value, name] : [target.value];
}

function asFault(thrown: unknown): VimFault {
  if (thrown instanceof VimFault) return thrown;
  if (thrown instanceof XmlError)
    return invalidRequest(`XML document is not well-formed: ${thrown.message}`);
  const reason = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return new VimFault('SystemError', `The lab failed: ${reason}`, { reason });
}
