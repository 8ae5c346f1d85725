// Live pages: one event stream a page. The server sends fragments of HTML that it rendered
// itself; each replaces the element of the same id. Without JavaScript the page says so and
// refreshes itself instead (see layout.ts).
const source = document.body.dataset.live;
if (source) {
  const events = new EventSource(source);
  events.addEventListener('fragment', (event) => {
    const { id, html } = JSON.parse(event.data);
    const old = document.getElementById(id);
    if (!old || old.contains(document.activeElement)) return; // never pull focus away
    const open = [...old.querySelectorAll('details[open]')].map((d) => d.id);
    const atEnd = (log) => log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
    const follow = [...old.querySelectorAll('pre.log')].every(atEnd);
    const template = document.createElement('template');
    template.innerHTML = html;
    old.replaceWith(template.content);
    const fresh = document.getElementById(id);
    for (const name of open) fresh?.querySelector(`#${CSS.escape(name)}`)?.setAttribute('open', '');
    if (follow)
      fresh?.querySelectorAll('pre.log').forEach((log) => (log.scrollTop = log.scrollHeight));
  });
  events.addEventListener('announce', (event) => {
    const status = document.getElementById('status');
    if (status) status.textContent = JSON.parse(event.data).text; // state changes, not percents
  });
  addEventListener('pagehide', () => events.close());
}
for (const time of document.querySelectorAll('time[datetime]')) {
  const date = new Date(time.dateTime);
  time.title = date.toISOString();
  if (time.dataset.local !== undefined)
    time.textContent = date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}
