export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** One element with its children, on lines of their own; text and attribute values are escaped. */
export function element(name: string, attributes: Attributes, children: readonly string[]): string {
  const head = `<${name}${formatAttributes(attributes)}`;
  if (children.length === 0) return `${head}/>`;
  return [`${head}>`, ...children.map(indent), `</${name}>`].join('\n');
}

export function textElement(
  name: string,
  text: string | number,
  attributes: Attributes = {},
): string {
  return `<${name}${formatAttributes(attributes)}>${escapeXml(String(text))}</${name}>`;
}

function formatAttributes(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join('');
}

export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function indent(block: string): string {
  return block.replaceAll(/^/gm, '  ');
}
