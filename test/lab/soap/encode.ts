import type { TypeExpression } from '../schema/table.ts';
import { dataTypes, isPrimitive } from '../schema/table.ts';
import type { VimFault } from './fault.ts';
import type { Ref } from './values.ts';
import { fieldOf, hasType, isRef, Typed } from './values.ts';
import { escapeXml } from './xml.ts';

/** Writes one field in vCenter's manner; xsi:type appears where the real type is not the declared one. */
export function encodeField(out: string[], name: string, field: FieldValue): void {
  const { type, value } = field;
  if (value === undefined) {
    if (type.optional || type.array) return;
    throw new Error(`the lab left out the required field ${name}`);
  }
  if (type.array) {
    for (const item of value as readonly unknown[]) encodeOne(out, name, { type, value: item });
  } else encodeOne(out, name, field);
}

export interface FieldValue {
  readonly type: TypeExpression;
  readonly value: unknown;
}

function encodeOne(out: string[], name: string, { type, value }: FieldValue): void {
  if (type.name === 'anyType') encodeAny(out, name, value);
  else if (type.name === 'ManagedObjectReference') encodeRef(out, name, value as Ref, '');
  else if (type.enumeration || isPrimitive(type.name))
    out.push(`<${name}>${primitiveText(value)}</${name}>`);
  else {
    const actual = hasType(value) ? value.$type : type.name;
    const mark = actual === type.name ? '' : ` xsi:type="${actual}"`;
    encodeObject(out, `${name}${mark}`, { type: actual, value });
    out.push(`</${name}>`);
  }
}

function encodeObject(out: string[], tag: string, object: { type: string; value: unknown }): void {
  const type = dataTypes.get(object.type);
  if (type === undefined) throw new Error(`the lab has no type ${object.type}`);
  out.push(`<${tag}>`);
  for (const field of type.fields) {
    const value = fieldOf(object.value, field.name);
    if (value === undefined && !field.type.optional && !field.type.array)
      throw new Error(`the lab left out ${object.type}.${field.name}`);
    encodeField(out, field.name, { type: field.type, value });
  }
}

function encodeRef(out: string[], name: string, value: Ref, mark: string): void {
  out.push(`<${name} type="${escapeXml(value.type)}"${mark}>${escapeXml(value.value)}</${name}>`);
}

function encodeAny(out: string[], name: string, value: unknown): void {
  if (value instanceof Typed) encodeTyped(out, name, value);
  else if (isRef(value)) encodeRef(out, name, value, ' xsi:type="ManagedObjectReference"');
  else if (hasType(value)) {
    encodeObject(out, `${name} xsi:type="${value.$type}"`, { type: value.$type, value });
    out.push(`</${name}>`);
  } else out.push(`<${name} xsi:type="${primitiveType(value)}">${primitiveText(value)}</${name}>`);
}

function encodeTyped(out: string[], name: string, { type, value }: Typed): void {
  const item = { ...type, array: false, optional: false };
  if (type.array) {
    out.push(`<${name} xsi:type="ArrayOf${type.name[0]!.toUpperCase()}${type.name.slice(1)}">`);
    for (const each of value as readonly unknown[])
      encodeOne(out, type.name, { type: item, value: each });
    out.push(`</${name}>`);
  } else if (isRef(value) || hasType(value) || type.name === 'anyType') encodeAny(out, name, value);
  else if (type.enumeration)
    out.push(`<${name} xsi:type="${type.name}">${primitiveText(value)}</${name}>`);
  else if (isPrimitive(type.name))
    out.push(`<${name} xsi:type="xsd:${type.name}">${primitiveText(value)}</${name}>`);
  else {
    encodeObject(out, `${name} xsi:type="${type.name}"`, { type: type.name, value });
    out.push(`</${name}>`);
  }
}

function primitiveType(value: unknown): string {
  if (typeof value === 'boolean') return 'xsd:boolean';
  if (typeof value === 'number') return Math.abs(value) < 2 ** 31 ? 'xsd:int' : 'xsd:long';
  return 'xsd:string';
}

function primitiveText(value: unknown): string {
  if (typeof value === 'string') return escapeXml(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`the lab cannot send ${typeof value} as a primitive`);
}

const envelopeHead =
  '<?xml version="1.0" encoding="UTF-8"?>\n<soapenv:Envelope xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/"' +
  ' xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema"' +
  ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n<soapenv:Body>\n';
const envelopeTail = '\n</soapenv:Body>\n</soapenv:Envelope>';

export function encodeAnswer(operation: string, result: FieldValue): string {
  const out: string[] = [envelopeHead, `<${operation}Response xmlns="urn:vim25">`];
  if (result.type.name !== 'void') {
    const optional = { ...result.type, optional: true };
    encodeField(out, 'returnval', { type: optional, value: result.value });
  }
  out.push(`</${operation}Response>`, envelopeTail);
  return out.join('');
}

export function encodeFault(fault: VimFault): string {
  const out: string[] = [
    envelopeHead,
    '<soapenv:Fault><faultcode>ServerFaultCode</faultcode>',
    `<faultstring>${escapeXml(fault.message)}</faultstring><detail>`,
  ];
  const tag = `${fault.type}Fault xmlns="urn:vim25" xsi:type="${fault.type}"`;
  encodeObject(out, tag, { type: fault.type, value: fault.data });
  out.push(`</${fault.type}Fault></detail></soapenv:Fault>`, envelopeTail);
  return out.join('');
}

/** Comparable text of a property value; what property filters diff. */
export function fingerprint(value: Typed): string {
  const out: string[] = [];
  encodeAny(out, 'val', value);
  return out.join('');
}
