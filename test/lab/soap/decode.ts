import type { Field, TypeExpression } from '../schema/table.ts';
import { dataTypes, isA, isPrimitive, operations } from '../schema/table.ts';
import { invalidRequest, VimFault } from './fault.ts';
import type { Ref } from './values.ts';
import { ref } from './values.ts';
import type { XmlElement } from './xml.ts';

export interface Request {
  readonly operation: string;
  readonly target: Ref;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Decodes a SOAP body's only element as strictly as vCenter: known elements only, in schema order. */
export function decodeRequest(envelope: XmlElement): Request {
  if (envelope.name !== 'Envelope') throw invalidRequest('Expecting a SOAP Envelope');
  const body = envelope.children.find((child) => child.name === 'Body');
  const call = body?.children[0];
  if (call === undefined || body?.children.length !== 1)
    throw invalidRequest('Expecting one element in the SOAP Body');
  const operation = operations.get(call.name);
  if (operation === undefined)
    throw new VimFault('InvalidRequest', `Unable to resolve WSDL method name ${call.name}`);
  const [self, ...rest] = call.children;
  if (self?.name !== '_this')
    throw invalidRequest(`Got <${self?.name ?? `/${call.name}`}> tag when expecting <_this> tag`);
  return {
    operation: call.name,
    target: decodeRef(self),
    parameters: decodeFields(call.name, operation.parameters, rest),
  };
}

function decodeFields(
  owner: string,
  fields: readonly Field[],
  elements: readonly XmlElement[],
): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  let at = 0;
  for (const element of elements) {
    while (at < fields.length && fields[at]!.name !== element.name) at++;
    const field = fields[at];
    if (field === undefined) throw unexpectedTag(owner, fields, element.name);
    const value = decodeValue(element, field.type);
    if (field.type.array) {
      const list = (out[field.name] ??= []) as unknown[];
      list.push(value);
    } else {
      if (Object.hasOwn(out, field.name)) throw unexpectedTag(owner, fields, element.name);
      out[field.name] = value;
    }
  }
  const missing = fields.find((field) => !field.type.optional && out[field.name] === undefined);
  if (missing !== undefined)
    throw invalidRequest(
      `Required property ${missing.name} is missing from data object of type ${owner}`,
    );
  return out;
}

function unexpectedTag(owner: string, fields: readonly Field[], tag: string): VimFault {
  const known = fields.some((field) => field.name === tag);
  return invalidRequest(
    known
      ? `Element tag "${tag}" seen out of order while parsing object of type ${owner}`
      : `Unexpected element tag "${tag}" seen while parsing object of type ${owner}`,
  );
}

function decodeValue(element: XmlElement, type: TypeExpression): unknown {
  if (element.xsiNil) throw invalidRequest(`xsi:nil is not accepted for <${element.name}>`);
  if (type.name === 'ManagedObjectReference') return decodeRef(element);
  if (type.name === 'anyType') return decodeAny(element);
  if (type.enumeration || isPrimitive(type.name)) return decodePrimitive(element, type.name);
  const actual = element.xsiType ?? type.name;
  const data = dataTypes.get(actual);
  if (data === undefined) throw invalidRequest(`Type ${actual} of <${element.name}> is unknown`);
  if (!isA(actual, type.name))
    throw invalidRequest(`Type ${actual} of <${element.name}> is not a ${type.name}`);
  return { $type: actual, ...decodeFields(actual, data.fields, element.children) };
}

function decodeAny(element: XmlElement): unknown {
  const type = element.xsiType;
  if (type === undefined) throw invalidRequest(`<${element.name}> needs an xsi:type`);
  return decodeValue(element, { name: type, array: false, optional: false, enumeration: false });
}

function decodeRef(element: XmlElement): Ref {
  const type = element.attributes.get('type');
  if (type === undefined) throw invalidRequest(`<${element.name}> lacks its type attribute`);
  return ref(type, element.text.trim());
}

function decodePrimitive(element: XmlElement, type: string): string | number | boolean {
  if (element.children.length > 0)
    throw invalidRequest(
      `Unexpected element tag "${element.children[0]!.name}" seen in <${element.name}>`,
    );
  const text = element.text;
  if (type === 'boolean') {
    if (['true', '1', 'false', '0'].includes(text.trim()))
      return ['true', '1'].includes(text.trim());
    throw invalidRequest(`"${text}" of <${element.name}> is not a boolean`);
  }
  if (['int', 'long', 'short', 'byte'].includes(type)) {
    if (!/^\s*[+-]?\d+\s*$/.test(text))
      throw invalidRequest(`"${text}" of <${element.name}> is not a number`);
    return Number(text);
  }
  if (type === 'dateTime' && Number.isNaN(Date.parse(text)))
    throw invalidRequest(`"${text}" of <${element.name}> is not a dateTime`);
  return type === 'double' || type === 'float' ? Number(text) : text;
}
