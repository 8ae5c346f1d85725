import type { RepositoryView } from '#core/api.ts';

import { bytes } from '../format.ts';
import { html, type Html } from '../html.ts';
import { csrfField } from '../layout.ts';
import { state, table } from '../parts.ts';

export function repositoriesPage(repositories: readonly RepositoryView[], csrf?: string): Html {
  return html`<h1>Repositories</h1><p class="lead">Folders that hold archives. A folder is written to only while its marker file is there, so a share that is not mounted is never mistaken for it.</p>
<section class="panel">${table<RepositoryView>(
    'Repositories',
    [
      { head: 'Name', cell: (r) => html`${r.name}<br><small class="quiet">${r.root}</small>` },
      {
        head: 'State',
        cell: (r) => (r.error === undefined ? state('good', 'ready') : state('bad', 'unusable')),
      },
      {
        head: 'Free',
        number: true,
        cell: (r) => (r.freeBytes === undefined ? '–' : bytes(r.freeBytes)),
      },
      {
        head: 'Size',
        number: true,
        cell: (r) => (r.totalBytes === undefined ? '–' : bytes(r.totalBytes)),
      },
      { head: 'Why', cell: (r) => html`<span class="quiet">${r.error?.message}</span>` },
      {
        head: 'Catalog',
        cell: (r) =>
          html`<form class="inline" method="post" action="/repositories/${r.id}/rebuild">${csrfField(csrf)}<button class="plain" aria-label="Read ${r.name} again">Read again</button></form>`,
      },
    ],
    repositories,
    'No repository yet.',
  )}</section>
<section class="panel"><h2>Add a repository</h2><form class="fields" method="post" action="/repositories">${csrfField(csrf)}
<label>Name<input name="name" required maxlength="60"></label>
<label>Folder on this appliance<input name="root" required placeholder="/var/lib/coldframe/repository" aria-describedby="root-hint"><span class="hint" id="root-hint">An empty folder becomes a new repository; one that is a repository already keeps its archives.</span></label>
<div><button>Add and test</button></div></form></section>`;
}
