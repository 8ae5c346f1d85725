// Live pages: one event stream a page. The server sends fragments of HTML that it rendered
// itself; each replaces the element of the same id. Without JavaScript the page says so and
// refreshes itself instead (see layout.ts).
const source = document.body.dataset.live;
if (source) {
  const events = new EventSource(source);
  events.addEventListener('fragment', (event) => replace(JSON.parse(event.data)));
  events.addEventListener('announce', (event) => {
    const status = document.getElementById('status');
    if (status) status.textContent = JSON.parse(event.data).text; // state changes, not percents
  });
  events.addEventListener('end', () => events.close());
  addEventListener('pagehide', () => events.close());
}

function replace({ id, html }) {
  const old = document.getElementById(id);
  if (!old) return;
  const template = document.createElement('template');
  template.innerHTML = html;
  const focused = old.contains(document.activeElement) ? sameIn(template.content) : undefined;
  if (focused === null) return; // what has the focus would be gone: not now
  for (const details of old.querySelectorAll('details[open][id]'))
    template.content.getElementById(details.id)?.setAttribute('open', '');
  const log = old.querySelector('pre.log');
  const follow = log && log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
  const at = log?.scrollTop;
  old.replaceWith(template.content);
  const fresh = document.getElementById(id)?.querySelector('pre.log');
  if (fresh) fresh.scrollTop = follow ? fresh.scrollHeight : at;
  focused?.focus({ preventScroll: true });
}

function sameIn(content) {
  const { tagName, id } = document.activeElement;
  if (id) return content.getElementById(id);
  const href = document.activeElement.getAttribute('href');
  if (href) return content.querySelector(`a[href="${CSS.escape(href)}"]`);
  return tagName === 'PRE' ? content.querySelector('pre') : null;
}

for (const time of document.querySelectorAll('time[datetime]'))
  time.title = new Date(time.dateTime).toLocaleString();
