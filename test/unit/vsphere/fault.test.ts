import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorCodes } from '#core/error.ts';
import { faultError, faultOf, isUnknownMethod } from '#vsphere/fault.ts';
import { mayHaveHappened } from '#vsphere/lost-answer.ts';
import { backOffMs, mayRepeat } from '#vsphere/repeat.ts';
import { outcomeUnknown, soapError } from '#vsphere/soap-error.ts';

const place = { method: 'PowerOnVM_Task', server: 'vc:443' };
const context = { method: 'ReconfigVM_Task', object: 'vm-1' };

function transport(code: string): Error {
  return Object.assign(new Error(`connect ${code}`), {
    code,
    config: { data: '<password>hush</password>' },
  });
}

test('faults have the code that tells what to do', () => {
  const codes = {
    InvalidLogin: 'login-refused',
    NoPermission: 'no-permission',
    ManagedObjectNotFound: 'not-found',
    TaskInProgress: 'busy',
    FileLocked: 'busy',
    MethodDisabled: 'busy',
    NoDiskSpace: 'no-space',
    InvalidPowerState: 'not-eligible',
    TooManySnapshotLevels: 'not-eligible',
    DuplicateName: 'invalid-input',
    HostCommunication: 'unreachable',
    RequestCanceled: 'cancelled',
    SomethingElse: 'vsphere-fault',
  };
  for (const [$type, code] of Object.entries(codes)) {
    const error = faultError({ $type }, 'what vSphere said', context);
    assert.equal(error.code, code, $type);
    assert.ok(errorCodes.includes(error.code));
    assert.equal(faultOf(error), $type);
    assert.equal(error.details['method'], 'ReconfigVM_Task');
    assert.equal(error.details['object'], 'vm-1');
    assert.match(error.message, /\.$/);
  }
});

test('what a fault names is kept', () => {
  const fault = {
    $type: 'InvalidDeviceSpec',
    deviceIndex: '3',
    property: 'virtualDeviceSpec.device.backing',
    faultCause: { fault: { $type: 'FileLocked' }, localizedMessage: 'x' },
  };
  assert.deepEqual(faultError(fault, 'Invalid configuration for device 3.', context).details, {
    fault: 'InvalidDeviceSpec',
    method: 'ReconfigVM_Task',
    object: 'vm-1',
    property: 'virtualDeviceSpec.device.backing',
    deviceIndex: 3,
    faultCause: 'FileLocked',
  });
});

test('a missing privilege is named with its object', () => {
  const object = { type: 'Datastore', value: 'datastore-3' };
  const error = faultError(
    { $type: 'NoPermission', object, privilegeId: 'Datastore.Browse' },
    '',
    context,
  );
  assert.match(
    error.message,
    /lacks the privilege Datastore\.Browse on Datastore datastore-3\. Grant it/,
  );
  assert.deepEqual(error.details['entity'], object);
});

test('a fault that names no object speaks of the one that was called', () => {
  const calledOn = { type: 'VirtualMachine', value: 'vm-7' };
  const refusal = { $type: 'NoPermission', privilegeId: 'VirtualMachine.Interact.PowerOff' };
  const error = faultError(refusal, '', { ...context, calledOn });
  assert.match(error.message, /PowerOff on VirtualMachine vm-7\. Grant it/);
  assert.deepEqual(error.details['entity'], calledOn);
});

test('a refusal is no doubt; a broken connection is, unless nothing was sent', () => {
  const doubtful = [
    transport('ECONNRESET'),
    transport('ETIMEDOUT'),
    transport('EPIPE'),
    { response: { status: 503 } },
    { Fault: {} },
  ];
  for (const thrown of doubtful)
    assert.equal(outcomeUnknown(soapError(thrown, place)), true, JSON.stringify(thrown));
  const certain = [
    transport('ECONNREFUSED'),
    transport('ENOTFOUND'),
    transport('DEPTH_ZERO_SELF_SIGNED_CERT'),
    { response: { status: 404 } },
  ];
  for (const thrown of certain)
    assert.equal(outcomeUnknown(soapError(thrown, place)), false, JSON.stringify(thrown));
  assert.equal(outcomeUnknown(faultError({ $type: 'HostCommunication' }, '', context)), false);
  assert.equal(mayHaveHappened(new Error('anything')), false);
});

test('the thrown error itself is not kept, for it carries the request', () => {
  const error = soapError(transport('ECONNRESET'), place);
  assert.equal(error.code, 'unreachable');
  assert.ok(!('config' in (error.cause as object)));
  assert.match(error.message, /The connection to vc:443 broke during PowerOnVM_Task/);
});

test('only what changes nothing is repeated, and only after what passes', () => {
  const broken = soapError(transport('ECONNRESET'), place);
  const passing = faultError({ $type: 'HostCommunication' }, '', context);
  const lasting = faultError({ $type: 'InvalidArgument' }, '', context);
  assert.equal(mayRepeat('RetrievePropertiesEx', broken, 1), true);
  assert.equal(mayRepeat('RetrievePropertiesEx', passing, 1), true);
  assert.equal(mayRepeat('RetrievePropertiesEx', lasting, 1), false);
  assert.equal(mayRepeat('RetrievePropertiesEx', broken, 5), false);
  assert.equal(
    mayRepeat('RetrievePropertiesEx', soapError({ response: { status: 404 } }, place), 1),
    false,
  );
  for (const operation of [
    'CreateSnapshot_Task',
    'ReconfigVM_Task',
    'Login',
    'Destroy_Task',
    'CreateVM_Task',
    'WaitForUpdatesEx',
  ])
    assert.equal(mayRepeat(operation, broken, 1), false, operation);
});

test('back-off grows and has an end', () => {
  assert.deepEqual([1, 2, 3, 4, 5, 9].map(backOffMs), [500, 1000, 2000, 4000, 8000, 15_000]);
});

test('a method that the server lacks is recognised', () => {
  assert.equal(isUnknownMethod(faultError({ $type: 'MethodNotFound' }, '', context)), true);
  assert.equal(isUnknownMethod(faultError({ $type: 'NoPermission' }, '', context)), false);
  assert.equal(isUnknownMethod(transport('ECONNRESET')), false);
});
