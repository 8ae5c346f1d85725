/** A small strict XML 1.0 reader for SOAP requests; no DTD, no external entities. */
export interface XmlElement {
  /** Local name, prefix stripped. */
  readonly name: string;
  /** Unprefixed attributes. */
  readonly attributes: ReadonlyMap<string, string>;
  /** Value of xsi:type without its prefix, whichever prefix was bound to the namespace. */
  readonly xsiType: string | undefined;
  readonly xsiNil: boolean;
  readonly children: readonly XmlElement[];
  /** Text and CDATA directly inside, concatenated. */
  readonly text: string;
}

export class XmlError extends Error {
  override readonly name = 'XmlError';
}

const xsiNamespace = 'http://www.w3.org/2001/XMLSchema-instance';
const nameEnd = /[\s/>=]/;
const namedEntities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

interface OpenElement {
  readonly qualifiedName: string;
  readonly element: { children: XmlElement[]; text: string } & XmlElement;
  readonly namespaces: ReadonlyMap<string, string>;
}

export function parseXml(source: string): XmlElement {
  const open: OpenElement[] = [];
  let root: XmlElement | undefined;
  let at = 0;

  const append = (text: string): void => {
    const top = open.at(-1);
    if (top !== undefined) top.element.text += text;
    else if (text.trim() !== '' && text.codePointAt(0) !== 0xfeff)
      throw new XmlError('text outside the root element');
  };

  while (at < source.length) {
    const lt = source.indexOf('<', at);
    if (lt < 0) {
      append(decodeEntities(source.slice(at)));
      break;
    }
    if (lt > at) append(decodeEntities(source.slice(at, lt)));
    if (source.startsWith('<!--', lt)) at = after(source, '-->', lt);
    else if (source.startsWith('<![CDATA[', lt)) {
      at = after(source, ']]>', lt);
      append(source.slice(lt + 9, at - 3));
    } else if (source.startsWith('<?', lt)) at = after(source, '?>', lt);
    else if (source.startsWith('<!', lt)) throw new XmlError('document types are not accepted');
    else if (source.startsWith('</', lt)) {
      at = after(source, '>', lt);
      const closing = source.slice(lt + 2, at - 1).trim();
      const top = open.pop();
      if (top?.qualifiedName !== closing) throw new XmlError(`unexpected </${closing}>`);
    } else {
      const tag = readTag(source, lt, open.at(-1)?.namespaces ?? new Map());
      at = tag.end;
      const parent = open.at(-1);
      if (parent !== undefined) parent.element.children.push(tag.opened.element);
      else if (root === undefined) root = tag.opened.element;
      else throw new XmlError('more than one root element');
      if (!tag.selfClosed) open.push(tag.opened);
    }
  }
  if (root === undefined || open.length > 0) throw new XmlError('document ends too early');
  return root;
}

function after(source: string, mark: string, from: number): number {
  const found = source.indexOf(mark, from);
  if (found < 0) throw new XmlError(`missing ${mark}`);
  return found + mark.length;
}

function readTag(
  source: string,
  start: number,
  inherited: ReadonlyMap<string, string>,
): { opened: OpenElement; end: number; selfClosed: boolean } {
  let at = start + 1;
  while (at < source.length && !nameEnd.test(source[at]!)) at++;
  const qualifiedName = source.slice(start + 1, at);
  if (!/^[A-Za-z_][\w.-]*(:[A-Za-z_][\w.-]*)?$/.test(qualifiedName))
    throw new XmlError(`bad element name <${qualifiedName}`);
  const raw = new Map<string, string>();
  const attribute = /\s*([A-Za-z_][\w.:-]*)\s*=\s*("([^"<]*)"|'([^'<]*)')/y;
  for (;;) {
    attribute.lastIndex = at;
    const match = attribute.exec(source);
    if (match === null) break;
    if (raw.has(match[1]!)) throw new XmlError(`attribute ${match[1]} given twice`);
    raw.set(match[1]!, decodeEntities(match[3] ?? match[4] ?? ''));
    at = attribute.lastIndex;
  }
  const tail = /\s*(\/?)>/y;
  tail.lastIndex = at;
  const closed = tail.exec(source);
  if (closed === null) throw new XmlError(`malformed <${qualifiedName}>`);
  const namespaces = bindNamespaces(raw, inherited);
  const opened: OpenElement = {
    qualifiedName,
    namespaces,
    element: {
      name: localName(qualifiedName),
      ...splitAttributes(raw, namespaces),
      children: [],
      text: '',
    },
  };
  return { opened, end: tail.lastIndex, selfClosed: closed[1] === '/' };
}

function bindNamespaces(
  raw: ReadonlyMap<string, string>,
  inherited: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const own = [...raw].filter(([key]) => key.startsWith('xmlns:'));
  if (own.length === 0) return inherited;
  return new Map([...inherited, ...own.map(([key, uri]) => [key.slice(6), uri] as const)]);
}

function splitAttributes(
  raw: ReadonlyMap<string, string>,
  namespaces: ReadonlyMap<string, string>,
): Pick<XmlElement, 'attributes' | 'xsiType' | 'xsiNil'> {
  const attributes = new Map<string, string>();
  let xsiType: string | undefined;
  let xsiNil = false;
  for (const [key, value] of raw) {
    const [prefix, local] = key.split(':', 2);
    if (local === undefined) attributes.set(key, value);
    else if (prefix !== 'xmlns' && namespaces.get(prefix!) === xsiNamespace) {
      if (local === 'type') xsiType = localName(value);
      if (local === 'nil') xsiNil = value === 'true' || value === '1';
    }
  }
  return { attributes, xsiType, xsiNil };
}

function localName(qualified: string): string {
  return qualified.slice(qualified.indexOf(':') + 1);
}

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&([^;&]*);?/g, (whole, name: string) => {
    const known = namedEntities[name];
    if (known !== undefined && whole.endsWith(';')) return known;
    const code = /^#(?:x([0-9a-fA-F]+)|(\d+))$/.exec(name);
    if (code === null || !whole.endsWith(';')) throw new XmlError(`bad entity ${whole}`);
    return String.fromCodePoint(
      code[1] === undefined ? Number.parseInt(code[2]!, 10) : Number.parseInt(code[1], 16),
    );
  });
}

/** Text for element content and double-quoted attributes; control characters vCenter cannot send become `?`. */
export function escapeXml(text: string): string {
  return text.replaceAll(notInXml, '?').replace(/[&<>"\r]/g, (c) => escapes[c]!);
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
};

/** Characters that XML 1.0 has no way to write, tab and line ends excepted. */
const notInXml = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;
