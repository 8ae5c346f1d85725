import { firstUser } from '#core/user.ts';

import { html, type Html } from '../html.ts';

const secondFactor = html`<div class="field"><label>Code<input name="code" inputmode="numeric" pattern="[0-9 ]*" maxlength="7" autocomplete="one-time-code" aria-describedby="code-hint"></label><span class="hint" id="code-hint">Six digits, only if you use an authenticator.</span></div>`;

/** Sign in, or on a new appliance choose the password. */
export function doorPage(options: {
  readonly first: boolean;
  readonly next: string;
  readonly problem?: string;
}): Html {
  const { first, next, problem } = options;
  return html`<section class="panel"><h1>${first ? 'Welcome' : 'Sign in'}</h1>
${first ? html`<p class="lead">Choose the administrator's password. It needs twelve characters or more; four words do well.</p>` : null}
${problem === undefined ? null : html`<div class="notice bad" role="alert" id="problem"><p>${problem}</p></div>`}
<form class="fields" method="post" action="${first ? '/first-password' : '/login'}">
<input type="hidden" name="next" value="${next}">
${first ? null : html`<label>User<input name="user" value="${firstUser}" required maxlength="32" autocomplete="username" autocapitalize="none" spellcheck="false"></label>`}
<label>Password<input type="password" name="password" required autofocus autocomplete="${first ? 'new-password' : 'current-password'}"${problem === undefined ? null : html` aria-describedby="problem" aria-invalid="true"`}></label>
${first ? html`<label>The same again<input type="password" name="again" required autocomplete="new-password"></label>` : secondFactor}
<div><button>${first ? 'Set the password' : 'Sign in'}</button></div></form></section>`;
}
