import { html, type Html } from '../html.ts';
import { csrfField } from '../layout.ts';
import { notice } from '../parts.ts';

export interface AccountView {
  readonly user: string;
  readonly role: string;
  readonly totp: boolean;
  readonly csrf: string;
  readonly said?: string;
  /** Second step of switching the second factor on. */
  readonly enrol?: { readonly secret: string; readonly link: string; readonly problem?: string };
}

export function accountPage(view: AccountView): Html {
  const { csrf } = view;
  return html`<h1>Your account</h1><p class="lead">You are signed in as ${view.user}, ${view.role}.</p>
${view.said === undefined ? null : notice('good', view.said)}
<section class="panel"><h2>Password</h2><form class="fields" method="post" action="/account/password">${csrfField(csrf)}
<label>Password now<input type="password" name="old" required autocomplete="current-password"></label>
<label>New password<input type="password" name="password" required autocomplete="new-password"></label>
<label>The same again<input type="password" name="again" required autocomplete="new-password"></label>
<div><button class="plain">Change the password</button></div></form></section>
<section class="panel"><h2>Second factor</h2>${view.totp ? switchOff(csrf) : switchOn(view)}</section>`;
}

const ownPassword = html`<label>Your password<input type="password" name="old" required autocomplete="current-password"></label>`;

function switchOff(csrf: string): Html {
  return html`<p>On: signing in takes a code from your authenticator.</p>
<form class="fields" method="post" action="/account/second-factor/off">${csrfField(csrf)}${ownPassword}
<div><button class="danger">Switch it off</button></div></form>`;
}

function switchOn({ enrol, csrf }: AccountView): Html {
  if (enrol === undefined)
    return html`<p>Off. With an authenticator (an application that shows six digits) a stolen password alone lets nobody in.</p>
<form method="post" action="/account/second-factor">${csrfField(csrf)}<button class="plain">Set one up</button></form>`;
  return html`${enrol.problem === undefined ? null : notice('bad', enrol.problem)}
<p>Type this key into your authenticator, or open <a href="${enrol.link}">this link</a> on the device that has it:</p>
<p><code>${enrol.secret.replaceAll(/(.{4})(?=.)/g, '$1 ')}</code></p>
<form class="fields" method="post" action="/account/second-factor">${csrfField(csrf)}<input type="hidden" name="secret" value="${enrol.secret}">
<label>Code that it shows<input name="code" required inputmode="numeric" pattern="[0-9 ]*" maxlength="7" autocomplete="one-time-code"></label>${ownPassword}
<div><button>Switch it on</button></div></form>`;
}
