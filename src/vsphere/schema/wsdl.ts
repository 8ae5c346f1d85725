import type { Field, Operation, TypeDefinition } from './notation.ts';
import { operations, types } from './table.ts';

/**
 * The table as the WSDL text that `soap` loads. Message names carry a suffix
 * because its decoder looks an element's own name up among the messages.
 */
export function buildWsdl(): string {
  const all = [...operations.values()];
  return `<?xml version="1.0" encoding="UTF-8"?>
<definitions name="vim25" targetNamespace="urn:vim25" xmlns="http://schemas.xmlsoap.org/wsdl/"
 xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:vim25="urn:vim25">
<types><xsd:schema targetNamespace="urn:vim25" elementFormDefault="qualified">
<xsd:complexType name="ManagedObjectReference"><xsd:simpleContent><xsd:extension base="xsd:string">
<xsd:attribute name="type" type="xsd:string"/></xsd:extension></xsd:simpleContent></xsd:complexType>
${[...types.values()].map(complexType).join('\n')}
${all.map(elements).join('\n')}
</xsd:schema></types>
${all.map(messages).join('\n')}
<portType name="VimPortType">${all.map(portOperation).join('\n')}</portType>
<binding name="VimBinding" type="vim25:VimPortType">
<soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>${all.map(bindingOperation).join('\n')}</binding>
<service name="VimService"><port binding="vim25:VimBinding" name="VimPort"><soap:address location="https://localhost/sdk"/></port></service>
</definitions>`;
}

function complexType({ name, base, fields }: TypeDefinition): string {
  const sequence = `<xsd:sequence>${fields.map(element).join('')}</xsd:sequence>`;
  const content =
    base === undefined
      ? sequence
      : `<xsd:complexContent><xsd:extension base="vim25:${base}">${sequence}</xsd:extension></xsd:complexContent>`;
  return `<xsd:complexType name="${name}">${content}</xsd:complexType>`;
}

function element(field: Field): string {
  const occurs =
    (field.optional ? ' minOccurs="0"' : '') + (field.repeats ? ' maxOccurs="unbounded"' : '');
  return `<xsd:element name="${field.name}" type="${xsdType(field.type)}"${occurs}/>`;
}

function xsdType(type: string): string {
  if (type === 'moref') return 'vim25:ManagedObjectReference';
  if (type === 'base64') return 'xsd:base64Binary';
  return types.has(type) ? `vim25:${type}` : `xsd:${type}`;
}

function elements({ name, parameters, answer }: Operation): string {
  const wrap = (elementName: string, fields: readonly Field[]): string =>
    `<xsd:element name="${elementName}"><xsd:complexType><xsd:sequence>${fields.map(element).join('')}</xsd:sequence></xsd:complexType></xsd:element>`;
  return wrap(name, parameters) + wrap(`${name}Response`, answer === undefined ? [] : [answer]);
}

function messages({ name }: Operation): string {
  const message = (suffix: string, elementName: string): string =>
    `<message name="${name}${suffix}"><part name="parameters" element="vim25:${elementName}"/></message>`;
  return message('RequestMsg', name) + message('ResponseMsg', `${name}Response`);
}

function portOperation({ name }: Operation): string {
  return `<operation name="${name}"><input message="vim25:${name}RequestMsg"/><output message="vim25:${name}ResponseMsg"/></operation>`;
}

function bindingOperation({ name }: Operation): string {
  const body = '<soap:body use="literal"/>';
  return `<operation name="${name}"><soap:operation soapAction="urn:vim25" style="document"/><input>${body}</input><output>${body}</output></operation>`;
}
