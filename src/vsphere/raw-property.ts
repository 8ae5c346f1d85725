import { ColdframeError } from '#core/error.ts';

/**
 * Cuts the value of the one property out of a RetrievePropertiesEx answer, as
 * received, and makes it a document of its own: <config ...>…</config> with the
 * namespaces that were in scope. The answer must hold one object with one
 * property; then the first <val and the last </val> are the ends, whatever the
 * value contains (text in it is escaped).
 */
export function cutProperty(envelope: string, rootName: string): string {
  const open = /<((?:[\w.-]+:)?)val((?:\s[^>]*?)?)(\/?)>/.exec(envelope);
  if (open === null) throw unusable('no property value');
  const [tag, prefix = '', attributes = '', empty] = open;
  const closeTag = `</${prefix}val>`;
  const start = open.index + tag.length;
  const end = empty === '/' ? start : envelope.lastIndexOf(closeTag);
  if (end < start) throw unusable('an unfinished property value');
  if (envelope.slice(start, end).includes(`<${prefix}propSet`))
    throw unusable('more than one property');
  const scope = namespacesInScope(envelope.slice(0, open.index), attributes);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${prefix}${rootName}${scope}${attributes}>${envelope.slice(start, end)}</${prefix}${rootName}>\n`;
}

/** Declarations on the elements that are still open where `before` ends. */
function namespacesInScope(before: string, own: string): string {
  const open: string[] = [];
  for (const [, close, attributes = '', empty] of before.matchAll(
    /<(\/?)[\w.:-]+((?:\s[^>]*?)?)(\/?)>/g,
  ))
    if (close === '/') open.pop();
    else if (empty !== '/') open.push(attributes);
  const scope = new Map<string, string>();
  for (const attributes of open)
    for (const [declaration, name = ''] of attributes.matchAll(
      /\s(xmlns(?::[\w.-]+)?)\s*=\s*(?:"[^"]*"|'[^']*')/g,
    ))
      scope.set(name, declaration);
  return [...scope]
    .filter(([name]) => !new RegExp(`\\s${name}\\s*=`).test(own))
    .map(([, declaration]) => declaration)
    .join('');
}

function unusable(what: string): ColdframeError {
  return new ColdframeError(
    'vsphere-fault',
    `vSphere's answer about the snapshot's configuration holds ${what}. Run the backup again.`,
  );
}
