import type { RepositoryView } from '#core/api.ts';
import { defaultNfsVersion, nfsOptions, nfsSource, nfsVersions } from '#core/nfs.ts';

import { bytes, count } from '../format.ts';
import { html, type Html } from '../html.ts';
import { csrfField } from '../layout.ts';
import { named, state, table } from '../parts.ts';
import type { RepositorySpace } from '../space.ts';

export function repositoriesPage(space: readonly RepositorySpace[], csrf?: string): Html {
  return html`<h1>Repositories</h1><p class="lead">Folders that hold archives. A folder is written to only while its marker file is there, so a share that is not mounted is never mistaken for it.</p>
<section class="panel">${table<RepositorySpace>(
    'Repositories',
    [
      {
        head: 'Name',
        cell: ({ repository: r }) =>
          html`${named(r.name)}<br><small class="quiet">${r.root}</small>${r.nfs === undefined ? '' : html`<br><small class="quiet">${nfsSource(r.nfs)}, ${nfsOptions(r.nfs)}</small>`}${encryption(r)}`,
      },
      { head: 'State', cell: ({ repository }) => condition(repository) },
      { head: 'Free', number: true, cell: ({ repository }) => free(repository) },
      { head: 'Full in', cell: fullIn },
      { head: 'Catalog', cell: ({ repository }) => actions(repository, csrf) },
    ],
    space,
    'No repository yet.',
  )}</section>
<section class="panel"><h2>Add a repository</h2><form class="fields" method="post" action="/repositories">${csrfField(csrf)}
<label>Name<input name="name" required maxlength="60"></label>
<div class="field"><label>NFS export, or folder on this appliance<input name="root" required placeholder="nfs://nas.example.com/backup" aria-describedby="root-hint"></label><span class="hint" id="root-hint">The appliance mounts an export itself (nfs://server/path). A path like /var/lib/coldframe/repository is a folder that is there. What is empty becomes a new repository; what is one already keeps its archives.</span></div>
<div class="field"><label>NFS version<select name="version">${nfsVersions.map((each) => html`<option${each === defaultNfsVersion ? html` selected` : ''}>${each}</option>`)}</select></label></div>
<div><button>Add and test</button></div></form></section>`;
}

function encryption({ encryptTo = [] }: RepositoryView): Html {
  if (encryptTo.length === 0) return html``;
  return html`<br><small class="quiet">new archives are encrypted to ${count(encryptTo.length, 'key')}</small>`;
}

/** The short form, for the dashboard. */
export function spaceTable(space: readonly RepositorySpace[]): Html {
  return table<RepositorySpace>(
    'Space',
    [
      {
        head: 'Repository',
        cell: ({ repository }) => html`<a href="/repositories">${named(repository.name)}</a>`,
      },
      { head: 'State', cell: ({ repository }) => condition(repository) },
      { head: 'Free', number: true, cell: ({ repository }) => free(repository) },
      { head: 'Full in', cell: fullIn },
    ],
    space,
    html`No repository yet. <a href="/repositories">Add one.</a>`,
  );
}

function condition({ error }: RepositoryView): Html {
  if (error === undefined) return state('good', 'ready');
  return html`${state('bad', 'unusable')}<br><small>${error.message}</small>`;
}

function free({ freeBytes, totalBytes }: RepositoryView): Html | string {
  if (freeBytes === undefined) return '–';
  if (totalBytes === undefined) return bytes(freeBytes);
  return html`${bytes(freeBytes)} <small class="quiet">of ${bytes(totalBytes)}</small>`;
}

function fullIn({ daysToFull }: RepositorySpace): Html | string {
  if (daysToFull === undefined) return html`<span class="quiet">not known yet</span>`;
  if (daysToFull > 1000) return 'years';
  const words = `about ${count(Math.floor(daysToFull), 'day')}`;
  return daysToFull < 30 ? state(daysToFull < 7 ? 'bad' : 'warn', words) : words;
}

function actions(repository: RepositoryView, csrf: string | undefined): Html {
  return html`<form class="inline" method="post" action="/repositories/${repository.id}/rebuild">${csrfField(csrf)}<button class="plain" aria-label="Read again: ${repository.name}">Read again</button></form>
<details><summary>Remove</summary><p>The archives stay in the folder; add it again to see them.</p><form method="post" action="/repositories/${repository.id}/remove">${csrfField(csrf)}<button class="danger" aria-label="Remove ${repository.name}">Remove</button></form></details>`;
}
