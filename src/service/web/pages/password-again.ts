import { html, type Html } from '../html.ts';
import { csrfField } from '../layout.ts';
import { notice } from '../parts.ts';

/** Unlike any field of the forms that are asked about. */
export const ownPasswordField = 'own-password';

/** Carries what was posted, and asks who is there. */
export function passwordAgainPage(view: {
  readonly action: string;
  readonly fields: readonly (readonly [string, string])[];
  readonly csrf: string;
  readonly wrong: boolean;
}): Html {
  const carried = view.fields.map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  return html`<h1>Your password, please</h1>
<p class="lead">What you are about to do overwrites or deletes. Nothing has been done yet.</p>
${view.wrong ? notice('bad', 'That is not your password.') : null}
<section class="panel"><form class="fields" method="post" action="${view.action}">${csrfField(view.csrf)}${carried}
<label>Your password<input type="password" name="${ownPasswordField}" required autofocus autocomplete="current-password"></label>
<div><button class="danger">Go on</button></div></form></section>`;
}
