import { ColdframeError } from '#core/error.ts';

import { restoreOrderSchema, type RestoreOrder } from '../operations/restores.ts';
import { fromForm, type Form } from './form-body.ts';
import { transportsOf } from './form-parts.ts';

const toolsMs = 10 * 60_000;

/** The order that the restore form asks for. */
export function restoreOrderOf(restorePoint: string, form: Form): RestoreOrder {
  const inPlace = ['in-place', 'rollback'].includes(form.text('target'));
  return fromForm(restoreOrderSchema, {
    restorePoint,
    ...filled(form, { endpoint: 'endpoint' }),
    target: inPlace ? inPlaceTarget(form) : newVmTarget(form),
    ...(inPlace ? { disks: form.all('disk') } : {}),
    powerOn: form.ticked('powerOn'),
    ...(form.ticked('waitForTools') ? { waitForToolsMs: toolsMs } : {}),
    readBack: form.text('readBack') || 'full',
    transports: transportsOf(form),
  });
}

function inPlaceTarget(form: Form): object {
  return {
    kind: 'in-place',
    powerOff: form.ticked('powerOff'),
    ...(form.text('target') === 'rollback' ? { rollback: true } : {}),
  };
}

function newVmTarget(form: Form): object {
  const networkMap = networksOf(form.lines('networks'));
  return {
    kind: 'new-vm',
    name: form.required('name', 'The name of the new VM'),
    keepIdentity: form.ticked('keepIdentity'),
    ...filled(form, {
      folderPath: 'folder',
      host: 'host',
      cluster: 'cluster',
      resourcePool: 'pool',
      datastoreName: 'datastore',
      provisioning: 'provisioning',
    }),
    ...(networkMap === undefined ? {} : { networkMap }),
    ...(form.ticked('keepMac') ? { keepMacAddresses: true } : {}),
    ...(form.ticked('connect') ? { connectNetworks: true } : {}),
    ...(form.ticked('withoutTpm') ? { withoutTpm: true } : {}),
    onFailure: form.ticked('keepFailed') ? 'keep' : 'destroy',
  };
}

/** Values of the fields that are not empty, under the names that the order has for them. */
function filled(form: Form, fields: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields)
      .map(([name, field]) => [name, form.text(field)] as const)
      .filter(([, value]) => value !== ''),
  );
}

/** "old = new", one a line. */
function networksOf(lines: readonly string[]): Record<string, string> | undefined {
  if (lines.length === 0) return undefined;
  return Object.fromEntries(
    lines.map((line) => {
      const [from = '', to = ''] = line.split('=', 2).map((part) => part.trim());
      if (from === '' || to === '')
        throw new ColdframeError(
          'invalid-input',
          `"${line}" says of no network where to: write "old network = new network". Go back and change it.`,
        );
      return [from, to];
    }),
  );
}
