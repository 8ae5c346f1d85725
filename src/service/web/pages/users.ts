import { roles, userRoles, type ApiToken, type User } from '#core/user.ts';

import { choices } from '../form-parts.ts';
import { html, type Html } from '../html.ts';
import { csrfField } from '../layout.ts';
import { named, notice, state, table, time } from '../parts.ts';

const roleNames = userRoles.map((id) => ({ id, name: id }));

export function usersPage(view: { readonly users: readonly User[]; readonly csrf: string }): Html {
  const { users, csrf } = view;
  return html`<h1>Users</h1><p class="lead">A viewer looks; an operator also backs up, restores and verifies; an administrator does everything.</p>
<section class="panel">${table<User>(
    'Who may sign in',
    [
      { head: 'Name', cell: (u) => u.name },
      { head: 'Role', cell: (u) => roleForm(u, csrf) },
      {
        head: 'Second factor',
        cell: (u) => (u.totp ? factorOff(u, csrf) : html`<span class="quiet">off</span>`),
      },
      { head: 'Do', cell: (u) => userActions(u, csrf) },
    ],
    users,
    'Nobody.',
  )}</section>
<section class="panel"><h2>Add a user</h2><form class="fields" method="post" action="/settings/users">${csrfField(csrf)}
<label>Name<input name="name" required pattern="[a-z][a-z0-9._-]{0,31}" maxlength="32" autocomplete="off" autocapitalize="none"></label>
<label>Role<select name="role">${choices(roleNames, 'viewer')}</select></label>
<label>Password<input type="password" name="password" required autocomplete="new-password"></label>
<div><button>Add</button></div></form></section>`;
}

function roleForm({ name, role }: User, csrf: string): Html {
  return html`<form class="inline" method="post" action="/settings/users/${name}/role">${csrfField(csrf)}
<select name="role" aria-label="Role of ${name}">${choices(roleNames, role)}</select> <button class="plain" aria-label="Change the role of ${name}">Change</button></form>`;
}

function factorOff({ name }: User, csrf: string): Html {
  return html`on <form class="inline" method="post" action="/settings/users/${name}/second-factor-off">${csrfField(csrf)}<button class="plain" aria-label="Switch off the second factor of ${name}">Switch off</button></form>`;
}

function userActions({ name }: User, csrf: string): Html {
  return html`<details><summary>New password</summary><form class="fields" method="post" action="/settings/users/${name}/password">${csrfField(csrf)}
<label>New password of ${name}<input type="password" name="password" required autocomplete="new-password"></label><div><button class="plain">Set it</button></div></form></details>
<details><summary>Remove</summary><form method="post" action="/settings/users/${name}/remove">${csrfField(csrf)}<button class="danger" aria-label="Remove ${name}">Remove</button></form></details>`;
}

const tokenRoleNames = [
  { id: roles[0], name: 'metrics only' },
  ...userRoles.map((id) => ({ id, name: id })),
];

export function tokensPage(view: {
  readonly tokens: readonly ApiToken[];
  readonly csrf: string;
  readonly nowMs: number;
  /** Just made: shown this once. */
  readonly secret?: string;
}): Html {
  const { tokens, csrf, nowMs, secret } = view;
  return html`<h1>API tokens</h1><p class="lead">For programs, with <code>Authorization: Bearer TOKEN</code> at <code>/api/v1</code> of this address.</p>
${secret === undefined ? null : notice('good', html`This is the token. It is not shown again: <code>${secret}</code>`)}
<section class="panel">${table<ApiToken>(
    'Tokens',
    [
      { head: 'Name', cell: (t) => named(t.name) },
      { head: 'Role', cell: (t) => t.role },
      { head: 'Made', cell: (t) => html`${time(t.createdAtMs, nowMs)} by ${t.createdBy}` },
      { head: 'Last used', cell: (t) => time(t.lastUsedAtMs, nowMs) },
      { head: 'Good until', cell: (t) => until(t, nowMs) },
      {
        head: 'Do',
        cell: (t) =>
          html`<form class="inline" method="post" action="/settings/tokens/${t.id}/remove">${csrfField(csrf)}<button class="danger" aria-label="Revoke ${t.name}">Revoke</button></form>`,
      },
    ],
    tokens,
    'No token yet.',
  )}</section>
<section class="panel"><h2>Make a token</h2><form class="fields" method="post" action="/settings/tokens">${csrfField(csrf)}
<label>Name<input name="name" required maxlength="64" placeholder="monitoring"></label>
<label>Role<select name="role">${choices(tokenRoleNames, 'viewer')}</select></label>
<label>Days that it is good for<input type="number" name="days" min="1" max="3650" value="365"></label>
<div><button>Make it</button></div></form></section>`;
}

function until({ expiresAtMs }: ApiToken, nowMs: number): Html {
  if (expiresAtMs === undefined) return html`revoked`;
  return expiresAtMs <= nowMs ? state('bad', 'expired') : time(expiresAtMs, nowMs);
}
