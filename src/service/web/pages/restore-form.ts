import type { Endpoint } from '#core/config.ts';
import type { RestorePoint } from '#core/restore-point.ts';

import { html, type Html } from '../html.ts';
import { csrfField } from '../layout.ts';
import { checked, choices, transportField } from '../form-parts.ts';

export const longestVmName = 80;

const provisioningNames = [
  { id: '', name: 'as it was' },
  { id: 'thin', name: 'thin' },
  { id: 'thick', name: 'thick' },
  { id: 'thick-eager', name: 'thick, zeroed now' },
];

export interface RestoreFormView {
  readonly point: RestorePoint;
  readonly endpoints: readonly Endpoint[];
  readonly csrf?: string;
}

/** First of two steps: what would happen is shown before anything does. */
export function restoreForm({ point, endpoints, csrf }: RestoreFormView): Html {
  const { header } = point;
  const home = endpoints.find(({ instanceUuid }) => instanceUuid === header.vm.endpointUuid);
  const name = `${header.vm.name.slice(0, longestVmName - '-restored'.length)}-restored`;
  return html`<form class="fields" method="post" action="/restore-points/${header.id}/plan">${csrfField(csrf)}
<fieldset><legend>Where to</legend>
<label class="choice"><input type="radio" name="target" value="new-vm" checked> A new VM beside the original</label>
<label class="choice"><input type="radio" name="target" value="in-place"> Into the existing VM: its disks are overwritten</label>
<label class="choice"><input type="radio" name="target" value="rollback"> Roll the existing VM back: only what has changed since is written, where vSphere knows it</label>
${endpoints.length < 2 ? null : html`<label>Endpoint<select name="endpoint">${choices(endpoints, home?.id)}</select></label>`}</fieldset>
<fieldset><legend>For a new VM</legend>
<label>Name<input name="name" value="${name}" maxlength="${longestVmName}" autocomplete="off"></label>
<div class="field"><label>Datastore<input name="datastore" autocomplete="off" aria-describedby="datastore-hint"></label><span class="hint" id="datastore-hint">Empty: each disk where the original's was.</span></div>
<div class="field"><label>Folder<input name="folder" autocomplete="off" aria-describedby="folder-hint"></label><span class="hint" id="folder-hint">"Datacenter/vm/Folder"; empty: where the original was.</span></div>
<label>Host<input name="host" autocomplete="off"></label>
<label>Cluster<input name="cluster" autocomplete="off"></label>
<label>Resource pool<input name="pool" autocomplete="off"></label>
<div class="field"><label>Networks<textarea name="networks" rows="2" aria-describedby="networks-hint"></textarea></label><span class="hint" id="networks-hint">One a line: old network = new network.</span></div>
<label>Disk type<select name="provisioning">${choices(provisioningNames, '')}</select></label>
<label class="choice"><input type="checkbox" name="keepIdentity" value="yes"> Keep UUIDs and MAC addresses: only when the original is gone</label>
<label class="choice"><input type="checkbox" name="keepMac" value="yes"> Keep the MAC addresses alone</label>
<label class="choice"><input type="checkbox" name="connect" value="yes"> Network cards start connected, as they were</label>
<label class="choice"><input type="checkbox" name="withoutTpm" value="yes"> Go on without the virtual TPM, which no backup holds</label>
<label class="choice"><input type="checkbox" name="keepFailed" value="yes"> Keep the VM, marked as unfinished, if the restore fails</label></fieldset>
<fieldset><legend>Into the existing VM</legend>
<label class="choice"><input type="checkbox" name="powerOff" value="yes"> Power it off if it is running</label>
${header.disks.map((disk) => html`<label class="choice"><input type="checkbox" name="disk" value="${disk.label}"${checked(true)}> ${disk.deviceLabel}</label>`)}
<div class="field"><label>Other disks to overwrite<textarea name="diskTargets" rows="2" aria-describedby="targets-hint"></textarea></label><span class="hint" id="targets-hint">Only where the VM's disks are others now. One a line: disk of the restore point = slot of the VM, such as scsi0-0 = scsi0-1.</span></div></fieldset>
${transportField()}
<label>Proof<select name="readBack">${choices(
    [
      { id: 'full', name: 'read everything back and compare' },
      { id: 'sampled', name: 'read samples back' },
      { id: 'off', name: 'none' },
    ],
    'full',
  )}</select></label>
<label class="choice"><input type="checkbox" name="powerOn" value="yes"> Power the VM on afterwards</label>
<label class="choice"><input type="checkbox" name="waitForTools" value="yes"> and wait ten minutes for VMware Tools, as proof that the guest has started</label>
<div><button>See what would happen</button></div></form>`;
}
