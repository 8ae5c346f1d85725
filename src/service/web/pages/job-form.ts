import type { Endpoint, RepositoryConfig } from '#core/config.ts';
import type { RetentionPolicy } from '#core/retention.ts';
import type { RetentionPreview } from '#core/retention-simulation.ts';

import { checked, choices } from '../form-parts.ts';
import { moment } from '../format.ts';
import { html, type Html } from '../html.ts';
import type { InventoryVm } from '../inventory.ts';
import type { JobValues } from '../job-values.ts';
import { csrfField } from '../layout.ts';
import { named, notice } from '../parts.ts';
import { previewDays, policyWords } from './retention.ts';

export interface JobFormView {
  /** Absent for a new one. */
  readonly id?: string;
  readonly title: string;
  readonly values: JobValues;
  readonly endpoints: readonly Endpoint[];
  readonly repositories: readonly RepositoryConfig[];
  /** VMs that can be picked one by one. */
  readonly vms: readonly InventoryVm[];
  /** What the values would mean; after "Preview". */
  readonly preview?: {
    readonly coming: readonly number[];
    readonly chosen: readonly string[];
    readonly policy: RetentionPolicy;
    readonly retention?: RetentionPreview;
  };
  readonly csrf?: string;
  readonly problem?: string;
}

/** More would make the page heavy; a pattern or a folder says it better. */
const mostPicks = 300;

export function jobFormPage(view: JobFormView): Html {
  const { id, values } = view;
  const target = id === undefined ? '/jobs' : `/jobs/${id}`;
  return html`<h1>${named(view.title)}</h1>
${view.problem === undefined ? null : notice('bad', view.problem)}
${previewPart(view)}
<form class="fields wide" method="post" action="${target}">${csrfField(view.csrf)}
<label>Name<input name="name" required maxlength="60" value="${values.name}"></label>
${whatFields(view)}
<fieldset><legend>Where to</legend><label>Repository<select name="repository">${choices(view.repositories, values.repository)}</select></label></fieldset>
${whenFields(values)}
${keepFields(values)}
<fieldset><legend>How</legend>
<label>When the guest cannot be quiesced<select name="onQuiesceFailure">${choices(
    [
      { id: 'crash-consistent', name: 'go on crash-consistent, with a warning' },
      { id: 'fail', name: 'fail that VM' },
    ],
    values.onQuiesceFailure,
  )}</select></label>
<label>Archives<select name="compression">${choices(
    [
      { id: 'zstd', name: 'compressed (zstd)' },
      { id: 'none', name: 'plain, for storage that deduplicates' },
    ],
    values.compression,
  )}</select></label>
<label>Most incrementals between two full backups<input type="number" name="maxChainLength" min="0" max="1000" value="${values.maxChainLength}"></label>
<label>Full backups are made<select name="fulls">${choices(
    [
      { id: 'active', name: 'by reading the VM (active)' },
      { id: 'synthetic', name: 'from the chain on the repository (synthetic)' },
    ],
    values.fulls,
  )}</select></label>
<label>Read the VM whole every so many days (0: never for its age)<input type="number" name="activeFullDays" min="0" max="1000" value="${values.activeFullDays}"></label></fieldset>
<div class="actions"><button>${id === undefined ? 'Make the job' : 'Save'}</button>
<button class="plain" formaction="${target}/preview">Preview</button>
<a class="button plain" href="${id === undefined ? '/jobs' : target}">Back</a></div></form>`;
}

function whatFields({ values, endpoints, vms }: JobFormView): Html {
  const picks = vms.slice(0, mostPicks);
  return html`<fieldset><legend>What</legend>
<label>Endpoint<select name="endpoint">${choices(endpoints, values.endpoint)}</select></label>
<label class="choice"><input type="checkbox" name="every" value="yes"${checked(values.every)}> Every VM, those to come included</label>
<div class="field"><label>VMs named like<textarea name="patterns" rows="2" aria-describedby="patterns-hint">${values.patterns}</textarea></label><span class="hint" id="patterns-hint">One pattern a line, such as web-*.</span></div>
<div class="field"><label>VMs in folders<textarea name="folders" rows="2" aria-describedby="folders-hint">${values.folders}</textarea></label><span class="hint" id="folders-hint">One path a line, such as Datacenter/vm/Servers; what lies below counts too.</span></div>
<div class="field"><label>VMs on or in places<textarea name="places" rows="2" aria-describedby="places-hint">${values.places}</textarea></label><span class="hint" id="places-hint">One a line: host, cluster, pool, vapp, datastore or tag, then its path or name, such as "cluster: Datacenter/host/Cluster".</span></div>
<details${values.vms.length > 0 ? html` open` : null}><summary>Single VMs</summary><div class="picks">${keptPicks(values, picks)}${picks.map(
    ({ vm: { identity } }) =>
      html`<label class="choice"><input type="checkbox" name="vm" value="${identity.instanceUuid}"${checked(values.vms.some((v) => v.instanceUuid === identity.instanceUuid))}> ${named(identity.name)}</label>`,
  )}</div>${vms.length > picks.length ? html`<p class="hint">The first ${mostPicks} by name; use patterns or folders for others.</p>` : null}</details>
<div class="field"><label>Leave out VMs named like<textarea name="exclude" rows="2" aria-describedby="exclude-hint">${values.exclude}</textarea></label><span class="hint" id="exclude-hint">One pattern or place a line, with the reason behind a #: test-* # rebuilt every day</span></div></fieldset>`;
}

/** VMs of the job that the list above does not show must not be lost by saving. */
function keptPicks(values: JobValues, picks: readonly InventoryVm[]): Html[] {
  return values.vms
    .filter(
      ({ instanceUuid }) => !picks.some(({ vm }) => vm.identity.instanceUuid === instanceUuid),
    )
    .map(
      (v) =>
        html`<label class="choice"><input type="checkbox" name="vm" value="${v.instanceUuid}" checked> ${named(v.name)}</label>`,
    );
}

function whenFields(values: JobValues): Html {
  return html`<fieldset><legend>When</legend>
<div class="field"><label>Schedule<input name="cron" list="usual" value="${values.cron}" aria-describedby="cron-hint" autocomplete="off"></label><span class="hint" id="cron-hint">Minute, hour, day of month, month, day of week: "0 22 * * *" is every day at 22:00, "0 */4 * * *" every four hours, "30 1 * * 6" on Saturdays at 1:30. Empty: only by hand.</span></div>
<datalist id="usual"><option value="0 22 * * *">every day at 22:00</option><option value="0 22 * * 1-5">working days at 22:00</option><option value="0 * * * *">every hour</option><option value="0 3 * * 0">Sundays at 3:00</option></datalist>
<label>Time zone<input name="timeZone" value="${values.timeZone}" autocomplete="off"></label>
<label>A time that passed while the appliance was off<select name="missed">${choices(
    [
      { id: 'run-once', name: 'run once afterwards' },
      { id: 'skip', name: 'skip it' },
    ],
    values.missed,
  )}</select></label>
<label class="choice"><input type="checkbox" name="enabled" value="yes"${checked(values.enabled)}> Run by the schedule</label></fieldset>`;
}

function keepFields({ keep }: JobValues): Html {
  const field = (name: keyof JobValues['keep'], label: string): Html =>
    html`<label>${label}<input type="number" name="${name}" min="0" max="1000" value="${keep[name]}"></label>`;
  return html`<fieldset><legend>How long to keep</legend><div class="row">
${field('last', 'Last')}${field('daily', 'Days')}${field('weekly', 'Weeks')}${field('monthly', 'Months')}${field('yearly', 'Years')}</div></fieldset>`;
}

function previewPart({ preview, values }: JobFormView): Html | null {
  if (preview === undefined) return null;
  const { coming, chosen, retention } = preview;
  const names = chosen.slice(0, 8).join(', ');
  return html`<section class="panel" id="preview"><h2>Preview</h2><p class="quiet">Nothing is saved yet.</p>
<p><strong>VMs now:</strong> ${chosen.length === 0 ? 'none' : named(`${names}${chosen.length > 8 ? ` and ${chosen.length - 8} more` : ''}`)}</p>
<p><strong>Comes next:</strong> ${coming.length === 0 ? 'only when asked to' : `${coming.map((ms) => moment(ms, values.timeZone)).join(' · ')} (${values.timeZone})`}</p>
<p><strong>Keeps:</strong> ${policyWords(preview.policy)}${retention === undefined ? null : ` After ${previewDays} days that is ${retention.kept.length} of ${retention.total}, and ${retention.neededOnly} more that these build on.`}</p></section>`;
}
