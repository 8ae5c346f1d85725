import { html, type Html } from './html.ts';

export interface PageFrame {
  readonly title: string;
  /** Path of the page's room, for the navigation. */
  readonly room: string;
  readonly user?: string;
  /** Stream of fragments that keeps this page fresh; without JavaScript it refreshes instead. */
  readonly live?: string;
  readonly csrf?: string;
  readonly notice?: { readonly tone: 'good' | 'warn' | 'bad'; readonly text: string };
}

const rooms = [
  { path: '/', name: 'Dashboard' },
  { path: '/vms', name: 'VMs' },
  { path: '/jobs', name: 'Jobs' },
  { path: '/runs', name: 'Runs' },
  { path: '/restore-points', name: 'Restore points' },
  { path: '/repositories', name: 'Repositories' },
  { path: '/health', name: 'Health' },
  { path: '/settings', name: 'Settings' },
] as const;

const logo = html`<svg viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linejoin="round"><path d="M3 20V9l9-5 9 5v11z"/><path d="M3 20h18M12 4v16M3 14.5h18"/></svg>`;

/** The whole document. Everything in it comes from this host, and no script is inline. */
export function page(frame: PageFrame, content: Html): string {
  const document = html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${frame.title} · coldframe</title>
<link rel="stylesheet" href="/static/style.css">
<link rel="icon" href="/static/icon.svg">
${frame.live === undefined ? null : html`<noscript><meta http-equiv="refresh" content="10"></noscript>`}
<script type="module" src="/static/live.js"></script>
</head>
<body${frame.live === undefined ? null : html` data-live="${frame.live}"`}>
<a class="skip" href="#content">Skip to the content</a>
<header class="brand"><a href="/">${logo}<span>coldframe</span></a></header>
${frame.user === undefined ? null : navigation(frame)}
<main id="content"${frame.user === undefined ? html` class="door"` : null} tabindex="-1">
<div id="status" role="status"></div>
${notice(frame.notice)}
${content}
</main>
</body>
</html>`;
  return `<!doctype html>\n${document.toString()}\n`;
}

function navigation(frame: PageFrame): Html {
  const links = rooms.map(
    ({ path, name }) =>
      html`<li><a href="${path}"${path === frame.room ? html` aria-current="page"` : null}>${name}</a></li>`,
  );
  return html`<section class="top" aria-label="Account"><a href="/account" title="Your account">${frame.user}</a>
<form class="inline" method="post" action="/logout">${csrfField(frame.csrf)}<button class="plain">Sign out</button></form></section>
<nav class="rooms" aria-label="Rooms"><ul>${links}</ul></nav>`;
}

export function csrfField(token: string | undefined): Html | null {
  return token === undefined ? null : html`<input type="hidden" name="csrf" value="${token}">`;
}

function notice(n: PageFrame['notice']): Html | null {
  return n === undefined
    ? null
    : html`<div class="notice ${n.tone}" role="alert"><p>${n.text}</p></div>`;
}
