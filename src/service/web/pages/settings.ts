import type { CertificateView, VddkStatus } from '#core/api.ts';
import type { Endpoint } from '#core/config.ts';

import { html, type Html } from '../html.ts';
import { csrfField } from '../layout.ts';
import { facts, named, notice, table } from '../parts.ts';

export interface SettingsView {
  readonly endpoints: readonly Endpoint[];
  readonly vddk: VddkStatus;
  readonly csrf?: string;
  /** Said on top: what was just done. */
  readonly said?: { readonly tone: 'good' | 'bad'; readonly text: string };
  /** Second step of adding an endpoint: its certificate, to be confirmed. */
  readonly confirm?: {
    readonly certificate: CertificateView;
    readonly name: string;
    readonly user: string;
  };
}

export function settingsPage(view: SettingsView): Html {
  return html`<h1>Settings</h1><p class="lead">The endpoints that coldframe logs in to and VMware's library if you have it. Your password is under your name, above.</p>
<p class="actions"><a class="button plain" href="/settings/notifications">Alarms and notifications</a> <a class="button plain" href="/settings/users">Users</a> <a class="button plain" href="/settings/tokens">API tokens</a> <a class="button plain" href="/settings/audit">Audit log</a></p>
${view.said === undefined ? null : notice(view.said.tone, view.said.text)}
<section class="panel"><h2>Endpoints</h2>${table<Endpoint>(
    'vCenter Servers and ESXi hosts',
    [
      { head: 'Name', cell: (e) => named(e.name) },
      { head: 'Address', cell: (e) => e.address },
      { head: 'User', cell: (e) => e.user },
      {
        head: 'Certificate',
        cell: (e) =>
          e.thumbprint === undefined
            ? 'checked by authority'
            : html`confirmed: <code class="thumbprint">${e.thumbprint}</code>`,
      },
      { head: 'Do', cell: (e) => endpointActions(e, view.csrf) },
    ],
    view.endpoints,
    'No endpoint yet.',
  )}</section>
${view.confirm === undefined ? addEndpoint(view.csrf) : confirmEndpoint(view.confirm, view.csrf)}
<section class="panel"><h2>VDDK</h2>${vddk(view.vddk)}</section>`;
}

function endpointActions(endpoint: Endpoint, csrf: string | undefined): Html {
  return html`<form class="inline" method="post" action="/settings/endpoints/${endpoint.id}/test">${csrfField(csrf)}<button class="plain" aria-label="Test ${endpoint.name}">Test</button></form>
<details><summary>Remove</summary><p>Its restore points stay.</p><form method="post" action="/settings/endpoints/${endpoint.id}/remove">${csrfField(csrf)}<button class="danger" aria-label="Remove ${endpoint.name}">Remove</button></form></details>`;
}

function addEndpoint(csrf: string | undefined): Html {
  return html`<section class="panel"><h2>Add an endpoint</h2><form class="fields" method="post" action="/settings/endpoints/look">${csrfField(csrf)}
<label>Name<input name="name" required maxlength="60"></label>
<div class="field"><label>Address<input name="address" required placeholder="vcenter.example.org" aria-describedby="address-hint"></label><span class="hint" id="address-hint">Host name or IP address, with :port where it is not 443.</span></div>
<label>User<input name="user" required autocomplete="off" placeholder="backup@vsphere.local"></label>
<div><button>Look at its certificate</button></div></form></section>`;
}

function confirmEndpoint(
  { certificate, name, user }: NonNullable<SettingsView['confirm']>,
  csrf: string | undefined,
): Html {
  return html`<section class="panel"><h2>Is this the certificate of ${named(name)}?</h2>${facts([
    ['Address', certificate.address],
    ['Issued to', certificate.subject],
    ['Issued by', certificate.issuer],
    ['Valid', html`${certificate.validFrom} to ${certificate.validTo}`],
    ['SHA-256', html`<code>${certificate.sha256}</code>`],
    ['SHA-1', html`<code>${certificate.sha1}</code>`],
  ])}
<form class="fields" method="post" action="/settings/endpoints">${csrfField(csrf)}
<input type="hidden" name="name" value="${name}"><input type="hidden" name="address" value="${certificate.address}">
<input type="hidden" name="user" value="${user}"><input type="hidden" name="thumbprint" value="${certificate.sha256}">
<p>Compare the SHA-256 with what the server's console shows. Nothing has been sent to it yet; the password goes only to a server with this certificate.</p>
<label>Password of ${user}<input type="password" name="password" required autocomplete="off"></label>
<div><button>It is. Add the endpoint</button> <a class="button plain" href="/settings">No, go back</a></div></form></section>`;
}

function vddk(status: VddkStatus): Html {
  if (status.installed)
    return html`<p>Installed: version ${status.version} in <code>${status.libDir}</code>.</p>`;
  return html`<p>Not installed. coldframe hot-adds disks by itself. With VMware's library it can also read over the network and from a SAN: copy the archive that you have from VMware to the appliance and run <code>coldframe vddk install FILE</code>.</p>`;
}
